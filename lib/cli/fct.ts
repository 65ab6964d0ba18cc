import { Command } from "commander";
import { benchCommand } from "./bench";
import { dataCommand } from "./data";
import { doctorCommand } from "./doctor";
import { evaluateCommand } from "./evaluate/evaluate";
import { mapCommand } from "./map/map";
import { notebookCommand } from "./notebook";
import { readmeCommand } from "./readme";
import { reproduceCommand } from "./reproduce/reproduce";
import { tablesCommand } from "./tables";

/** The command line: one subcommand a file, each of which refuses what it does not know. */
async function main(): Promise<void> {
  const program = new Command("fct").description("Forward Compatible Training, replicated in TypeScript notebooks");
  const commands = [
    reproduceCommand(),
    tablesCommand(),
    dataCommand(),
    evaluateCommand(),
    mapCommand(),
    notebookCommand(),
    benchCommand(),
    readmeCommand(),
    doctorCommand(),
  ];
  for (const command of commands) program.addCommand(command);
  program.showHelpAfterError();
  await program.parseAsync();
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? `error: ${error.message}` : error);
  process.exitCode = 1;
});
