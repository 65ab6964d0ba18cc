import { spawn } from "node:child_process";
import { SetupError } from "./prerequisites.mjs";

const SHOWN_LINES = 40;

/**
 * Runs a program. If it fails, throws SetupError with the end of its output and the remedy. The
 * program inherits the lock of the set-up as descriptor 3, so that after the set-up is killed the
 * next one still waits for the program to end.
 */
export function run(command, options, { cwd, lock, env = process.env, remedy }) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, options, { cwd, env, stdio: ["ignore", "pipe", "pipe", lock] });
    const output = [];
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (piece) => output.push(piece));
    child.on("error", (error) => reject(new SetupError(`${command}: ${error.message}\n${remedy}`)));
    child.on("close", (status) => {
      const text = Buffer.concat(output).toString().trim();
      if (status === 0) return resolve(text);
      const shown = text.split("\n").slice(-SHOWN_LINES).join("\n");
      reject(new SetupError(`${command} ${options.slice(0, 3).join(" ")} failed:\n${shown}\n${remedy}`));
    });
  });
}
