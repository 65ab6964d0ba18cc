import type { Command } from "commander";
import { command } from "../options/command";
import { addCommand, createCommand, removeCommand } from "./fill";
import { backfillCommand, nextCommand, updateCommand } from "./renew";
import { searchCommand } from "./search";
import { statusCommand } from "./status";

const examples = `
A gallery is one file (SQLite): items with an id, a vector, the model that it is of, side-information and a label.
Vectors of another model are refused, by name and by how they spread. What a command has stored outlives a kill.

Example, an update without downtime:
  npm run fct -- gallery create photos.gallery --model clip-b32 --dimensions 512
  npm run fct -- gallery add photos.gallery --model clip-b32 --vectors old.npy --ids ids.csv
  npm run fct -- learn --kind fastfill --old old-sample.npy --new new-sample.npy --out h.safetensors
  npm run fct -- gallery update photos.gallery --weights h.safetensors --model clip-l14
  npm run fct -- gallery backfill photos.gallery --model clip-l14 --vectors new.npy --ids ids.csv --items 10000
  npm run fct -- gallery status photos.gallery --verify`;

/** `fct gallery`: a durable gallery that changes its model while it is searched. */
export function galleryCommand(): Command {
  const family = [
    createCommand(),
    addCommand(),
    searchCommand(),
    updateCommand(),
    nextCommand(),
    backfillCommand(),
    removeCommand(),
    statusCommand(),
  ];
  const whole = command("gallery")
    .description("a durable gallery of vectors that changes its model while it is searched")
    .addHelpText("after", examples);
  for (const each of family) whole.addCommand(each);
  return whole;
}
