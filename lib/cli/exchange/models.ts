import { statSync } from "node:fs";
import type { Command } from "commander";
import { modelsFolder, storeModels } from "../../tables/shared/stored-models";
import { scaleOption } from "../options/choices";
import { command, fullPath, shownPath } from "../options/command";

/** `fct models`: the models of the main table, seed 0, for who does not want to train them. */
export function modelsCommand(): Command {
  return command("models")
    .description("write the models of the main table, seed 0, from the cache to results/, in 16 bits")
    .addOption(scaleOption())
    .option("--out <folder>", "where to (default: results/<scale>/models)", fullPath)
    .action(({ scale, out }: { readonly scale: string; readonly out?: string }) => {
      for (const path of storeModels(scale, out ?? modelsFolder(scale))) {
        console.log(`${shownPath(path)}: ${(statSync(path).size / 1e6).toFixed(1)} MB`);
      }
    });
}
