import { Command } from "commander";
import { dataCommand } from "./data";
import { doctorCommand } from "./doctor";
import { notebookCommand } from "./notebook";
import { readmeCommand } from "./readme";
import { reproduceCommand } from "./reproduce";

/** The command line: one subcommand a file, each of which refuses what it does not know. */
async function main(): Promise<void> {
  const program = new Command("fct").description("Forward Compatible Training, replicated in TypeScript notebooks");
  for (const command of [reproduceCommand(), dataCommand(), doctorCommand(), notebookCommand(), readmeCommand()])
    program.addCommand(command);
  program.showHelpAfterError();
  await program.parseAsync();
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? `error: ${error.message}` : error);
  process.exitCode = 1;
});
