import { relative, resolve } from "node:path";
import { Command } from "commander";

const exits = "\nExit codes: 0 done, 1 input refused, 2 usage, 130 interrupted.";

/**
 * A command that refuses arguments it does not know, and says after an error what shows those that
 * it takes. `words` are those by which it is called.
 */
export function command(name: string, words: string = name): Command {
  const hint = `("fct ${words} --help" shows what it takes)`;
  return new Command(name).allowExcessArguments(false).showHelpAfterError(hint).addHelpText("after", exits);
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
