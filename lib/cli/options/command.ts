import { relative, resolve } from "node:path";
import { Command } from "commander";

/** A command that refuses arguments it does not know, and prints its help after an error. */
export function command(name: string): Command {
  return new Command(name).allowExcessArguments(false).showHelpAfterError();
}

/** The full path of a file named on the command line: messages show where it is looked for. */
export function fullPath(name: string): string {
  return resolve(name);
}

/** A path as the user would write it: from their folder if it lies in it, or else in full. */
export function shownPath(path: string): string {
  const short = relative(process.cwd(), path);
  return short.startsWith("..") ? path : short;
}
