import type { Command } from "commander";
import { InputError } from "../../core/input-error";
import type { GalleryStatus } from "../../gallery/gallery";
import { command, fullPath, shownPath } from "../options/command";
import { withGallery } from "./with-gallery";

/** `fct gallery status`. */
export function statusCommand(): Command {
  return command("status", "gallery status")
    .description("what a gallery holds, and whether all of it is sound")
    .argument("<gallery>", "the gallery", fullPath)
    .option("--verify", "look at every item and at the file")
    .option("--json", "print one JSON object")
    .action(status);
}

interface StatusChoices {
  readonly verify?: boolean;
  readonly json?: boolean;
}

async function status(path: string, { verify = false, json }: StatusChoices): Promise<void> {
  const [found, faults] = await withGallery(path, async (gallery) => [
    gallery.status(),
    verify ? gallery.verify() : [],
  ]);
  const checked = verify ? { faults } : {};
  console.log(json ? JSON.stringify({ ...found, ...checked }) : statusText(found));
  if (faults.length > 0) throw new InputError({ file: path, fault: faults.join("; ") });
  if (verify && !json) console.log("sound     every item has one vector of the current model, and the file is whole");
}

/** A gallery in a few lines. */
export function statusText({ path, items, distance, side, model, own, mapped, update }: GalleryStatus): string {
  const beside = side === null ? "" : `, with side-information of ${side}`;
  const print = model.fingerprint === null ? "not known yet (1,000 vectors at once tell it)" : model.fingerprint;
  const under =
    update === null ? [] : [`update    to "${update.model}" under way: ${update.mapped} of ${items} items mapped`];
  return [
    `${shownPath(path)}: ${items} items, ${model.dimensions} dimensions${beside}, ${distance}`,
    `model     "${model.name}", fingerprint ${print}`,
    `vectors   ${own} of the model's own, ${mapped} mapped by h`,
    ...under,
  ].join("\n");
}
