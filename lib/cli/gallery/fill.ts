import { type Command, Option } from "commander";
import { rowProgress } from "../../core/progress";
import { readMatrix } from "../../files/matrix-file";
import { createGallery } from "../../gallery/gallery";
import { type Distance, distances } from "../../retrieval/input";
import { command, fullPath, shownPath } from "../options/command";
import { wholeNumberIn } from "../options/numbers";
import { inputPath } from "../options/piped";
import { itemTexts } from "./item-texts";
import { statusText } from "./status";
import { fillingGallery, withGallery } from "./with-gallery";

/** `fct gallery create`. */
export function createCommand(): Command {
  return command("create", "gallery create")
    .description("make an empty gallery")
    .argument("<gallery>", "file to make", fullPath)
    .requiredOption("--model <name>", "what you call the model whose vectors come first")
    .requiredOption("--dimensions <number>", "dimensions of its vectors", wholeNumberIn(1, 65_536))
    .option("--side <number>", "dimensions of the side-information kept with each item", wholeNumberIn(1, 65_536))
    .addOption(new Option("--distance <name>", "by which items are near").choices(distances).default("l2"))
    .option("--json", "print one JSON object")
    .action(create);
}

interface CreateChoices {
  readonly model: string;
  readonly dimensions: number;
  readonly side?: number;
  readonly distance: Distance;
  readonly json?: boolean;
}

function create(path: string, { json, ...start }: CreateChoices): void {
  const gallery = createGallery(path, start);
  const status = gallery.status();
  gallery.close();
  console.log(json ? JSON.stringify(status) : statusText(status));
}

const addExamples = `
Items that are there already with the same vector are passed over: a stopped command is given again.

Example:
  npm run fct -- gallery add photos.gallery --model clip-b32 --vectors old.npy --ids ids.csv --labels y.npy`;

/** `fct gallery add`. */
export function addCommand(): Command {
  return command("add", "gallery add")
    .description("add items; those of another model than the gallery's are refused")
    .argument("<gallery>", "the gallery", fullPath)
    .requiredOption("--model <name>", "the model that the vectors are of")
    .requiredOption("--vectors <file>", "vectors, one row per item", inputPath)
    .requiredOption("--ids <file>", "the items' ids, numbers or texts", inputPath)
    .option("--side <file>", "side-information of the same items", inputPath)
    .option("--labels <file>", "what the items are, to measure searches by", inputPath)
    .option("--any-space", "take vectors that do not look like the model's")
    .option("--json", "print one JSON object")
    .addHelpText("after", addExamples)
    .action(add);
}

interface AddChoices {
  readonly model: string;
  readonly vectors: string;
  readonly ids: string;
  readonly side?: string;
  readonly labels?: string;
  readonly anySpace?: boolean;
  readonly json?: boolean;
}

async function add(path: string, choices: AddChoices): Promise<void> {
  const { model, anySpace = false, json } = choices;
  const added = await fillingGallery(path, async (gallery, { line, signal }) => {
    line.show(`opening ${choices.vectors} ...`);
    const vectors = await readMatrix(choices.vectors);
    const size = { rows: vectors.rows, of: choices.vectors };
    const [ids, labels] = [
      await itemTexts(choices.ids, size),
      choices.labels === undefined ? undefined : await itemTexts(choices.labels, size),
    ];
    const side = choices.side === undefined ? undefined : await readMatrix(choices.side);
    const onItems = rowProgress(line, { words: `${shownPath(path)}: added items`, total: vectors.rows });
    return gallery.add({ ids, vectors, side, labels, model, anySpace, signal, onItems });
  });
  const known = added.known === 0 ? "" : `, ${added.known} were there already`;
  console.log(json ? JSON.stringify(added) : `${shownPath(path)}: ${added.added} items added${known}`);
}

/** `fct gallery remove`. */
export function removeCommand(): Command {
  return command("remove", "gallery remove")
    .description("remove items, all that are named or none")
    .argument("<gallery>", "the gallery", fullPath)
    .argument("<ids...>", "the items' ids")
    .option("--json", "print one JSON object")
    .action(remove);
}

async function remove(path: string, ids: readonly string[], { json }: { readonly json?: boolean }): Promise<void> {
  await withGallery(path, async (gallery) => gallery.remove(ids));
  console.log(json ? JSON.stringify({ removed: ids.length }) : `${shownPath(path)}: ${ids.length} items removed`);
}
