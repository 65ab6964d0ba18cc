import { z } from "zod";
import { InputError } from "../core/input-error";
import { markdownLine, markdownTable } from "./text/markdown-table";

const count = z.int().min(0);

const tortureRecord = z.strictObject({
  seed: count,
  minutes: z.number().min(0),
  date: z.string(),
  environment: z.strictObject({
    node: z.string(),
    tensorflow: z.string(),
    platform: z.string(),
    device: z.string(),
    cores: count,
    memoryGiB: z.number(),
    commit: z.string().nullable(),
  }),
  commands: z.record(
    z.string(),
    z.strictObject({
      rounds: count,
      kills: count,
      flips: count,
      deletions: count,
      together: count,
      refusals: count,
    }),
  ),
  faults: z.array(z.string()),
});

type TortureRecord = z.output<typeof tortureRecord>;

/** What a run of `npm run torture` did and found, from the text of its record `path`. */
export function tortureMarkdown(text: string, path: string): string {
  const record = parsed(text, path);
  return [table(record), verdict(record), origin(record)].join("\n\n");
}

function parsed(text: string, path: string): TortureRecord {
  try {
    return tortureRecord.parse(JSON.parse(text));
  } catch (cause) {
    const remedy = "remove it, or run npm run torture -- --save results/torture.json";
    throw new InputError({ file: path, fault: "is not a record of a torture", remedy, cause });
  }
}

function table({ commands }: TortureRecord): string {
  const each = Object.values(commands);
  const total = (of: (counts: (typeof each)[number]) => number): string[] => {
    const values = each.map(of);
    return [...values, values.reduce((sum, value) => sum + value, 0)].map(String);
  };
  return markdownTable([
    { name: "command", cells: [...Object.keys(commands), "all"] },
    { name: "kills", cells: total(({ kills }) => kills) },
    { name: "bytes flipped", cells: total(({ flips }) => flips) },
    { name: "files removed", cells: total(({ deletions }) => deletions) },
    { name: "two or three at once (min)", cells: total(({ together }) => Math.round(together / 60)) },
    { name: "damage refused by name", cells: total(({ refusals }) => refusals) },
  ]);
}

function verdict({ faults }: TortureRecord): string {
  if (faults.length === 0) {
    return "Every run that followed gave the bytes of an undisturbed one and left nothing behind.";
  }
  const heading = faults.length === 1 ? "One fault:" : `${faults.length} faults:`;
  return [heading, "", ...faults.map((fault) => `- ${markdownLine(fault)}`)].join("\n");
}

function origin({ seed, minutes, date, environment }: TortureRecord): string {
  const { node, tensorflow, platform, device, cores, memoryGiB, commit } = environment;
  const machine = `${device}, ${cores} cores, ${memoryGiB} GiB, ${platform}, node ${node}, TensorFlow ${tensorflow}`;
  return `Run of ${date}: ${minutes} minutes with seed ${seed} on ${machine}, commit ${commit ?? "unknown"}.`;
}
