import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { projectRoot } from "../core/paths";
import { Interrupted } from "../core/progress/interrupted";
import type { CommandEntry } from "./commands";
import { watchOutput } from "./output";
import { remedyOf } from "./remedies";

/**
 * Runs the subcommand that this process's arguments name; prints an error and sets the exit code: 1
 * if something is refused or fails, 2 for wrong words, 130 if interrupted. The other subcommands
 * are only listed. Output that is lost is an error.
 */
export async function runProgram(entries: readonly CommandEntry[]): Promise<void> {
  watchOutput();
  const program = endingByCode(new Command("fct"));
  program.description("Forward Compatible Training, replicated in TypeScript notebooks");
  program.version(version()).showHelpAfterError('("fct --help" shows the commands)');
  const [first, second] = process.argv.slice(2);
  const wanted = first === "help" ? second : first;
  try {
    for (const entry of entries) program.addCommand(entry.name === wanted ? await loaded(entry) : listed(entry));
    await program.parseAsync();
  } catch (error) {
    console.error(error instanceof Error ? `error: ${error.message}${remedyOf(error)}` : error);
    process.exitCode = error instanceof Interrupted ? exitCodes.interrupted : exitCodes.refused;
  }
}

/** How a process ends that has not done what it was told; a done one ends with 0. */
const exitCodes = { refused: 1, usage: 2, interrupted: 130 } as const;

/** Wrong words on the command line are told from input that is refused. */
function endingByCode(command: Command): Command {
  for (const each of command.commands) endingByCode(each);
  return command.exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : exitCodes.usage));
}

function listed({ name, summary }: CommandEntry): Command {
  return new Command(name).summary(summary);
}

async function loaded({ name, summary, load }: CommandEntry): Promise<Command> {
  try {
    return endingByCode((await load()).summary(summary));
  } catch (cause) {
    const [why] = String((cause as Error).message).split("\n");
    throw new Error(`fct ${name} cannot be loaded: ${why}; npm run fct -- doctor says what to do`, { cause });
  }
}

function version(): string {
  try {
    return (JSON.parse(readFileSync(join(projectRoot(), "package.json"), "utf8")) as { version: string }).version;
  } catch {
    return "unknown";
  }
}
