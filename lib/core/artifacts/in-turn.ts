import { mkdirSync, statSync, utimesSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout } from "node:timers/promises";
import { giveBack, holderOf, otherHolder, ownName, removeLeftovers, removeLock, shownHolder } from "../exclusive";
import { isMissing, unlessMissing } from "../paths";

/** How a process waits for its turn. */
interface Waiting {
  readonly signal: AbortSignal;
  /** Called once, with who holds the lock, before this process waits. */
  readonly waiting: (holder: string) => void;
  readonly pace?: Pace;
}

/** Milliseconds between two touches of a held lock, between two looks at it, and of silence. */
interface Pace {
  readonly touch: number;
  readonly look: number;
  /** A lock that nobody has touched for so long is taken over. */
  readonly silence: number;
}

const usualPace: Pace = { touch: 10_000, look: 500, silence: 120_000 };

/**
 * Runs `work` once no other process does so for the same lock file, which may lie on a file system
 * that machines share. The holder touches the file every ten seconds. The lock is taken over at
 * once if its process on this machine has ended, and else if this process sees no touch for two
 * minutes: clocks are not compared. A holder that is silent for longer, and lives, is then not
 * alone, so `work` must bear to be done twice. Throws if the signal aborts while waiting.
 */
export async function inTurn<T>(path: string, waiting: Waiting, work: () => Promise<T>): Promise<T> {
  const own = ownName();
  await untilFree(path, own, waiting);
  const touching = setInterval(() => touch(path, own), (waiting.pace ?? usualPace).touch);
  touching.unref();
  try {
    unlessMissing(() => removeLeftovers(path));
    return await work();
  } finally {
    clearInterval(touching);
    giveBack(path, own);
  }
}

async function untilFree(path: string, own: string, { signal, waiting, pace = usualPace }: Waiting): Promise<void> {
  let seen = "";
  let since = 0;
  for (;;) {
    const holder = takenOr(path, own);
    if (holder === null) return;
    if (seen === "") waiting(shownHolder(holder));
    const now = `${holder} ${statSync(path, { throwIfNoEntry: false })?.mtimeMs}`;
    if (now !== seen) [seen, since] = [now, performance.now()];
    else if (performance.now() - since > pace.silence) removeLock(path, holder);
    await setTimeout(pace.look);
    signal.throwIfAborted();
  }
}

// A folder that is deleted again and again is left alone.
const attempts = 100;

/** As `otherHolder`, in a folder that may be deleted at any time. */
function takenOr(path: string, own: string): string | null {
  for (let attempt = 1; ; attempt++) {
    try {
      mkdirSync(dirname(path), { recursive: true });
      return otherHolder(path, own);
    } catch (error) {
      // Making a folder that is being deleted fails as well.
      if (attempt === attempts || !(isMissing(error) || isMissing((error as Error).cause))) throw error;
    }
  }
}

function touch(path: string, own: string): void {
  try {
    if (holderOf(path) === own) utimesSync(path, new Date(), new Date());
  } catch {
    // The lock is gone, or the disk fails: the next touch may succeed.
  }
}
