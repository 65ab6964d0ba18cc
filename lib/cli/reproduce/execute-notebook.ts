import { spawn } from "node:child_process";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { constants } from "node:os";
import { join } from "node:path";
import { makeWritable, projectRoot } from "../../core/paths";

/** How an execution ended, and where the notebook and its HTML were written. */
export interface ExecutedNotebook {
  /** 0 if every cell ran, 130 after an interrupt. */
  readonly status: number;
  /** Why it failed, in one line; null if it did not. */
  readonly failure: string | null;
  readonly notebook: string;
  readonly html: string;
}

/** The exit status after Ctrl-C. */
export const interrupted = 130;

const PARENT_POLL_MILLISECONDS = 500;

/**
 * Executes notebooks/<name>.ipynb in the TypeScript kernel, with `settings` in its environment, and
 * writes the result to `folder`. Ctrl-C reaches the kernel, which saves its state first. Throws
 * RangeError if there is no such notebook, and InputError if the folder cannot be written.
 */
export async function executeNotebook(
  name: string,
  { folder, settings }: { readonly folder: string; readonly settings: Readonly<Record<string, string>> },
): Promise<ExecutedNotebook> {
  const source = join(projectRoot(), "notebooks", `${name}.ipynb`);
  if (!existsSync(source)) throw new RangeError(`notebook ${name}: there is no ${source}`);
  makeWritable(folder, "FCT_RESULTS");
  const failurePath = join(folder, `${name}.failure.txt`);
  rmSync(failurePath, { force: true });
  const status = await runPython(["-u", join(projectRoot(), "lib", "cli", "execute.py"), source, folder], settings);
  const failure =
    status === 0 ? null : existsSync(failurePath) ? readFileSync(failurePath, "utf8") : `status ${status}`;
  return { status, failure, notebook: join(folder, `${name}.ipynb`), html: join(folder, `${name}.html`) };
}

/**
 * The exit status of the project's Python in this terminal; it ends with this process, or with npm
 * if that began it.
 */
export function runPython(words: readonly string[], settings: Readonly<Record<string, string>> = {}): Promise<number> {
  const { PYTHONPATH: _path, PYTHONHOME: _home, ...environment } = process.env;
  const python = join(projectRoot(), ".venv", "bin", "python");
  const child = spawn(python, words, { stdio: "inherit", env: { ...environment, ...settings } });
  // A shell may end before what it has started.
  const npm = environment.npm_lifecycle_event === undefined ? null : process.ppid;
  const ended = (): boolean => npm !== null && process.ppid !== npm;
  const watch = setInterval(() => ended() && child.kill("SIGKILL"), PARENT_POLL_MILLISECONDS);
  // A terminal sends Ctrl-C to both: this process waits for the runner, which decides when to end.
  const stay = (): void => {};
  const end = (): void => void child.kill("SIGTERM");
  process.on("SIGINT", stay).on("SIGTERM", end);
  return new Promise((resolve, reject) => {
    child.on("error", ({ message }) => reject(new Error(`${python} does not start (${message}): npm run setup`)));
    child.on("close", (status, signal) => {
      clearInterval(watch);
      process.off("SIGINT", stay).off("SIGTERM", end);
      resolve(status ?? 128 + (signal === null ? 1 : constants.signals[signal]));
    });
  });
}
