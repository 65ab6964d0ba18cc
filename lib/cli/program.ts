import { Command } from "commander";

/**
 * Runs one of some subcommands with this process's arguments; prints an error and sets exit code 1.
 */
export async function runProgram(commands: readonly Command[]): Promise<void> {
  const program = new Command("fct").description("Forward Compatible Training, replicated in TypeScript notebooks");
  for (const command of commands) program.addCommand(command);
  program.showHelpAfterError();
  try {
    await program.parseAsync();
  } catch (error) {
    console.error(error instanceof Error ? `error: ${error.message}` : error);
    process.exitCode = 1;
  }
}
