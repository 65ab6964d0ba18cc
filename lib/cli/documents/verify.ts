import { join } from "node:path";
import type { Command } from "commander";
import { projectRoot } from "../../core/paths";
import { command, fullPath } from "../options/command";
import { resultFaults } from "./result-faults";
import { fileUpdates } from "./updates";

/** `fct verify`: recomputes what is made from the results, and says what would change. */
export function verifyCommand(): Command {
  return command("verify")
    .description("recompute intervals, verdicts and prose from the committed results, and name what differs")
    .argument("[folder]", "the folder that holds results/ and the documents (default: the repository)", fullPath)
    .action((folder: string = projectRoot()) => verify(folder));
}

function verify(folder: string): void {
  const { results, faults } = resultFaults(join(folder, "results"));
  const updates = fileUpdates(folder);
  const stale = updates.flatMap(({ name, before, after }) =>
    before === after ? [] : [staleText(name, before, after)],
  );
  const all = [...faults, ...stale];
  if (all.length > 0) {
    console.error(all.join("\n"));
    process.exitCode = 1;
    return;
  }
  console.log(`${results} results and ${updates.length} files made from them: nothing to change`);
}

/** The first line that differs. */
function staleText(name: string, before: string, after: string): string {
  const [is, should] = [before.split("\n"), after.split("\n")];
  const at = should.findIndex((line, index) => line !== is[index]);
  const line = at < 0 ? should.length : at;
  const shown = (text: string = "nothing"): string => (text.length > 160 ? `${text.slice(0, 160)} ...` : text);
  return `${name}:${line + 1}: stale: npm run fct -- readme\n  is:     ${shown(is[line])}\n  should: ${shown(should[line])}`;
}
