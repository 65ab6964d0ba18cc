import { InvalidArgumentError, Option } from "commander";
import { maximumSeeds } from "../../experiments/run-options";
import { tables } from "../../tables/tables";
import { precisions } from "../../tf/graph/precision";

/** The scales that any table runs at. */
const scales: readonly string[] = [...new Set(tables.flatMap((table) => Object.keys(table.scales)))];

/** --scale: the size of the data, the networks and the training. */
export function scaleOption(): Option {
  return new Option("--scale <name>", "size of the data and the training").choices(scales).default("quick");
}

/** --precision: in what networks compute. */
export function precisionOption(): Option {
  const says = "in what convolutions and matrix products compute; bfloat16 gives a table of its own";
  return new Option("--precision <name>", says).choices(precisions).default("float32");
}

/** --extend: keep the seeds that are committed. */
export function extendOption(): Option {
  const says = "take the seeds of the committed result from it and compute only the others; --seeds counts both";
  return new Option("--extend", says);
}

/** --seeds: the number of repetitions with different random numbers. */
export function seedsOption(): Option {
  return new Option("--seeds <count>", `repetitions, 1 to ${maximumSeeds} (default: the scale's own)`).argParser(
    seedCount,
  );
}

/**
 * Throws InvalidArgumentError, which commander prints, if `text` is not a number that is allowed.
 */
function seedCount(text: string): number {
  if (/^[1-9]\d*$/.test(text) && Number(text) <= maximumSeeds) return Number(text);
  throw new InvalidArgumentError(`Expected a whole number from 1 to ${maximumSeeds}.`);
}
