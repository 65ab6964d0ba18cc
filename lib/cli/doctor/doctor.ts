import { spawnSync } from "node:child_process";
import { statfsSync } from "node:fs";
import { cpus, freemem, totalmem } from "node:os";
import type { Command } from "commander";
import { projectRoot } from "../../core/paths";
import { command } from "../options/command";
import type { Finding, Patient } from "./finding";
import { findings } from "./findings";

/** `fct doctor`: what this machine and this clone offer, and what to do about what is wrong. */
export function doctorCommand(patient: () => Patient = thisMachine): Command {
  return command("doctor")
    .description("print device, versions, binding, kernel, data, cores and memory; say what to do about what is wrong")
    .option("--step", "take a training step besides")
    .action(async ({ step = false }: { readonly step?: boolean }) => {
      const found = await findings(patient(), { step });
      console.log(found.map(line).join("\n"));
      const wrong = found.filter(({ remedy }) => remedy !== null);
      console.log(wrong.length === 0 ? "\nall is well" : `\n${wrong.length} to mend, marked with !`);
      if (wrong.length > 0) process.exitCode = 1;
    });
}

function thisMachine(): Patient {
  const root = projectRoot();
  const memory = { total: totalmem(), free: freemem() };
  return { root, processor: cpus()[0]?.model ?? "unknown processor", memory, freeDisk: freeDisk(root), answer };
}

function freeDisk(folder: string): number {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}

function answer(command: string, words: readonly string[]): string | null {
  const { status, stdout } = spawnSync(command, words, { encoding: "utf8" });
  return status === 0 ? stdout.trim() : null;
}

function line({ what, found, remedy }: Finding): string {
  const text = `${remedy === null ? " " : "!"} ${what.padEnd(13)} ${found}`;
  return remedy === null ? text : `${text}\n${" ".repeat(16)}-> ${remedy}`;
}
