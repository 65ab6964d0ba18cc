import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { projectRoot } from "../core/paths";
import { clearProgress } from "../core/progress";
import type { CommandEntry } from "./commands";
import { watchOutput } from "./output";
import { remedyOf } from "./remedies";

/**
 * Runs the subcommand that this process's arguments name; prints an error and sets exit code 1. The
 * other subcommands are only listed. Output that is lost is an error.
 */
export async function runProgram(entries: readonly CommandEntry[]): Promise<void> {
  watchOutput();
  const program = new Command("fct").description("Forward Compatible Training, replicated in TypeScript notebooks");
  program.version(version()).showHelpAfterError();
  const [first, second] = process.argv.slice(2);
  const wanted = first === "help" ? second : first;
  try {
    for (const entry of entries) program.addCommand(entry.name === wanted ? await loaded(entry) : listed(entry));
    await program.parseAsync();
  } catch (error) {
    clearProgress();
    console.error(error instanceof Error ? `error: ${error.message}${remedyOf(error)}` : error);
    process.exitCode = 1;
  }
}

function listed({ name, summary }: CommandEntry): Command {
  return new Command(name).summary(summary);
}

async function loaded({ name, summary, load }: CommandEntry): Promise<Command> {
  try {
    return (await load()).summary(summary);
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
