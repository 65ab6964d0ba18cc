import { InvalidArgumentError, Option } from "commander";
import { maximumSeeds } from "../../experiments/run-options";
import { tables } from "../../tables/tables";

/** The scales that any table runs at. */
const scales: readonly string[] = [...new Set(tables.flatMap((table) => Object.keys(table.scales)))];

/** --scale: the size of data, networks and training. */
export function scaleOption(): Option {
  return new Option("--scale <name>", "size of the data and the training").choices(scales).default("quick");
}

/** --seeds: how many repetitions with different random numbers. */
export function seedsOption(): Option {
  return new Option("--seeds <count>", `repetitions, 1 to ${maximumSeeds} (default: the scale's own)`).argParser(
    seedCount,
  );
}

/** Throws InvalidArgumentError, which commander prints, unless `text` is a whole number from 1 to the most allowed. */
export function seedCount(text: string): number {
  if (/^[1-9]\d*$/.test(text) && Number(text) <= maximumSeeds) return Number(text);
  throw new InvalidArgumentError(`A whole number from 1 to ${maximumSeeds} is allowed.`);
}

/** What a notebook's kernel reads of the choices; see `runChoices`. */
export function settingsOf(choices: {
  readonly scale: string;
  readonly seeds?: number;
  readonly force?: boolean;
}): Readonly<Record<string, string>> {
  return {
    FCT_SCALE: choices.scale,
    FCT_SEEDS: choices.seeds === undefined ? "" : String(choices.seeds),
    FCT_FORCE: choices.force ? "1" : "",
    FCT_COMPUTE: "1",
    FCT_PROGRESS: process.stderr.isTTY ? "terminal" : "log",
  };
}
