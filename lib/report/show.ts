import { createRequire } from "node:module";
import type { AnyResult } from "../experiments/language/language-result";
import { type AnyFigure, sizedFigure } from "./any-figure";
import type { Figure } from "./plot/figure";
import { renderPng } from "./render/render";
import { figureOf } from "./save-result";
import { type FrameLike, frameHtml, frameLines, resultFrame } from "./text/frame";
import { markdownLine } from "./text/markdown-table";
import { shownText } from "./text/text";

/**
 * Shows a figure, a data frame, a PNG or Markdown as one output of the running cell, in every form
 * that a front end may choose from; a result as several: its table, notes and figure. In a
 * terminal, prints the plain form. Any plotly figure will do: 760 x 450 pixels unless its layout
 * says otherwise, titles as text or as plotly has them. Await it: an output that comes late lands
 * in another cell.
 */
export async function show(value: Showable | AnyResult): Promise<void> {
  if (!("fingerprint" in Object(value))) return showOne(value as Showable);
  const result = value as AnyResult;
  await showOne(resultFrame(result));
  if (result.notes !== undefined) await showOne(result.notes.map((note) => `- ${markdownLine(note)}`).join("\n"));
  await showOne(figureOf(result));
}

async function showOne(value: Showable): Promise<void> {
  const write = notebookWriter();
  if (write === null) console.log(plainForm(value));
  else write({ ...(await mimeBundle(value)), transient: {} }, false);
}

type NotebookWriter = (output: MimeBundle & { readonly transient: object }, update: boolean) => void;

/** The function by which tslab publishes outputs; null unless its kernel runs in this process. */
function notebookWriter(): NotebookWriter | null {
  const { cache, resolve } = createRequire(__filename);
  const kernel = cache[resolve("tslab/dist/jupyter.js")]?.exports as
    | { lastWriteDisplayData?: NotebookWriter }
    | undefined;
  return kernel?.lastWriteDisplayData ?? null;
}

/** One output of a cell in every form a front end may choose from. */
interface MimeBundle {
  readonly data: { readonly "text/plain": string; readonly [mime: string]: unknown };
  readonly metadata: { readonly [mime: string]: unknown };
}

/** The forms of a value; equal values give equal bundles. */
async function mimeBundle(value: Showable): Promise<MimeBundle> {
  if (typeof value === "string") return { data: { "text/markdown": value, "text/plain": value }, metadata: {} };
  if (value instanceof Uint8Array) return pngBundle(value);
  return "columns" in value ? frameBundle(value) : figureBundle(sizedFigure(value));
}

function frameBundle(frame: FrameLike): MimeBundle {
  return { data: { "text/html": frameHtml(frame), "text/plain": plainForm(frame) }, metadata: {} };
}

function pngBundle(png: Uint8Array): MimeBundle {
  return { data: { "image/png": base64(png), "text/plain": plainForm(png) }, metadata: {} };
}

/** The interactive figure, and a picture of that size for front ends that do not run scripts. */
async function figureBundle(figure: Figure): Promise<MimeBundle> {
  const { width, height } = figure.layout;
  const png = await renderPng(figure);
  return {
    data: {
      "application/vnd.plotly.v1+json": { data: figure.data, layout: figure.layout, config: { displaylogo: false } },
      "image/png": base64(png),
      "text/plain": plainForm(figure),
    },
    metadata: { "image/png": { width, height, ...figure.layout.meta } },
  };
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
}

/** What a notebook cell can show: a figure, a data frame, the bytes of a PNG, or Markdown. */
type Showable = AnyFigure | FrameLike | Uint8Array | string;

/** A value in a terminal: the text of data frames and Markdown, the names of pictures. */
function plainForm(value: Showable): string {
  if (typeof value === "string") return value;
  if (value instanceof Uint8Array) return `[PNG image, ${value.length} bytes]`;
  if ("columns" in value) return frameLines(value);
  return `[figure: ${shownText(sizedFigure(value).layout.title?.text ?? "") || "untitled"}]`;
}
