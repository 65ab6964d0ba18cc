import { type ChildProcess, spawn } from "node:child_process";
import { createInterface, type Interface } from "node:readline";
import type { Round } from "./workloads/measurement";

/** A command that prints a line of JSON when it is ready, and after each "go" on standard input. */
export interface SideCommand {
  readonly command: string;
  readonly words: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
}

/** A running side. */
export interface SideProcess {
  readonly round: () => Promise<Round>;
  /** Ends it; gives the most bytes of memory it ever held, null if that is not known. */
  readonly end: () => Promise<number | null>;
  readonly kill: () => void;
}

/**
 * Starts a side and waits until it is warm. If it dies, all promises reject with its last words.
 */
export async function startSide(
  name: string,
  { command, words, env = process.env }: SideCommand,
): Promise<SideProcess> {
  const child = spawn(command, words, { stdio: ["pipe", "pipe", "pipe"], env });
  const answers = answersOf(name, child);
  await answers.next("ready");
  return {
    round: async () => {
      child.stdin?.write("go\n");
      const { seconds, units } = await answers.next("seconds");
      return { seconds: Number(seconds), units: Number(units) };
    },
    end: async () => {
      child.stdin?.end();
      const { peakBytes } = await answers.next("peakBytes");
      return peakBytes === null ? null : Number(peakBytes);
    },
    kill: () => void child.kill("SIGKILL"),
  };
}

interface Answers {
  /** The next answer with that member. */
  readonly next: (member: string) => Promise<Readonly<Record<string, unknown>>>;
}

function answersOf(name: string, child: ChildProcess): Answers {
  const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream }) as Interface;
  const iterator = lines[Symbol.asyncIterator]();
  const ended = new Promise<string>((resolve) => {
    child.on("error", (error) => resolve(error.message));
    child.on("close", (code, signal) => resolve(`it ended by ${signal ?? `exit code ${code}`}`));
  });
  let words = "";
  child.stderr?.on("data", (data: Buffer) => {
    words = `${words}${data}`.slice(-2000);
  });
  child.stdin?.on("error", () => undefined);
  return {
    next: async (member) => {
      for (;;) {
        const { value, done } = await iterator.next();
        if (done) throw new Error(`${name}: ${await ended}\n${words.trim()}`);
        const answer = parsed(String(value));
        if (answer !== null && member in answer) return answer;
      }
    },
  };
}

/** A line of JSON; null for anything else, such as what libraries print. */
function parsed(line: string): Readonly<Record<string, unknown>> | null {
  if (!line.startsWith("{")) return null;
  try {
    return JSON.parse(line) as Record<string, unknown>;
  } catch {
    return null;
  }
}
