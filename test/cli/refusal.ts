import type { Command } from "commander";
import { expect } from "vitest";

/** What a command prints when it refuses `words`; fails the test when it accepts them. */
export async function refusal(command: Command, words: readonly string[]): Promise<string> {
  let printed = "";
  command.exitOverride().configureOutput({ writeErr: (text) => (printed += text), writeOut: () => {} });
  await expect(command.parseAsync(words, { from: "user" })).rejects.toMatchObject({ exitCode: 1 });
  return printed;
}
