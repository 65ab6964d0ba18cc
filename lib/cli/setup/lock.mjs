import { spawnSync } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { dirname } from "node:path";
import { SetupError } from "./prerequisites.mjs";

// Locks the open file behind descriptor 3, which this process shares with the programs it starts.
// The operating system releases the lock when the last of them has ended, however it ended.
const TAKE_LOCK = `
import fcntl, sys
try:
    fcntl.flock(3, fcntl.LOCK_EX | fcntl.LOCK_NB)
except BlockingIOError:
    print("set-up: waiting for another set-up of this folder to end ...", file=sys.stderr, flush=True)
    fcntl.flock(3, fcntl.LOCK_EX)
`;

/** Runs `work(descriptor)` while holding the lock, so that no other set-up of the folder runs. */
export async function underLock(path, python, work) {
  const lock = openLock(path);
  try {
    const { status } = spawnSync(python, ["-c", TAKE_LOCK], { stdio: ["ignore", "inherit", "inherit", lock] });
    if (status !== 0) throw new SetupError(`${path} could not be locked: is the folder writable and on a local disk?`);
    await work(lock);
  } finally {
    closeSync(lock);
  }
}

function openLock(path) {
  try {
    return openSync(path, "a");
  } catch (error) {
    throw new SetupError(
      `${dirname(path)} has to be set up, but cannot be written (${error.code}): ` +
        "let its owner run npm run setup, or clone it to a folder of your own",
    );
  }
}
