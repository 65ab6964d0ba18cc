import { Command } from "commander";
import { type Finding, findings } from "./findings";

/** `fct doctor`: what this machine and this clone offer, and what to do about whatever is wrong. */
export function doctorCommand(): Command {
  return new Command("doctor")
    .description("print device, versions, binding, kernel, data, cores and memory; say what to do about what is wrong")
    .allowExcessArguments(false)
    .showHelpAfterError()
    .action(async () => {
      const found = await findings();
      console.log(found.map(line).join("\n"));
      const wrong = found.filter(({ remedy }) => remedy !== null);
      console.log(wrong.length === 0 ? "\nall is well" : `\n${wrong.length} to mend, marked with !`);
      if (wrong.length > 0) process.exitCode = 1;
    });
}

function line({ what, found, remedy }: Finding): string {
  const text = `${remedy === null ? " " : "!"} ${what.padEnd(13)} ${found}`;
  return remedy === null ? text : `${text}\n${" ".repeat(16)}-> ${remedy}`;
}
