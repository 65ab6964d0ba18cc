import { createRequire } from "node:module";
import { type MimeBundle, mimeBundle } from "./mime-bundle";
import { plainForm, type Showable } from "./plain-form";

/**
 * Shows a figure, a data frame, a PNG or Markdown as one output of the running cell, in every form a front end may choose from; in a
 * terminal its plain form is printed. Await it: an output that comes late lands in another cell.
 */
export async function show(value: Showable): Promise<void> {
  const write = notebookWriter();
  if (write === null) console.log(plainForm(value));
  else write({ ...(await mimeBundle(value)), transient: {} }, false);
}

type NotebookWriter = (output: MimeBundle & { readonly transient: object }, update: boolean) => void;

/** tslab's own way to publish an output; null unless its kernel runs in this process. */
function notebookWriter(): NotebookWriter | null {
  const { cache, resolve } = createRequire(__filename);
  const kernel = cache[resolve("tslab/dist/jupyter.js")]?.exports as
    | { lastWriteDisplayData?: NotebookWriter }
    | undefined;
  return kernel?.lastWriteDisplayData ?? null;
}
