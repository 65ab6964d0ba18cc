import { Command } from "commander";

/** A command that refuses arguments it does not know, and prints its help after an error. */
export function command(name: string): Command {
  return new Command(name).allowExcessArguments(false).showHelpAfterError();
}
