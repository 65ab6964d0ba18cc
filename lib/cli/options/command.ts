import { resolve } from "node:path";
import { Command } from "commander";

/** A command that refuses arguments it does not know, and prints its help after an error. */
export function command(name: string): Command {
  return new Command(name).allowExcessArguments(false).showHelpAfterError();
}

/** The full path of a file named on the command line: messages show where it is looked for. */
export function fullPath(name: string): string {
  return resolve(name);
}
