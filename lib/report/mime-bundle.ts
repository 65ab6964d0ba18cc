import type { Figure } from "./figure";
import { frameHtml } from "./frame-html";
import type { FrameLike } from "./frame-text";
import { plainForm, type Showable } from "./plain-form";
import { type RenderOptions, renderPng } from "./render";

/** One output of a cell in every form a front end may choose from. */
export interface MimeBundle {
  readonly data: { readonly "text/plain": string; readonly [mime: string]: unknown };
  readonly metadata: { readonly [mime: string]: unknown };
}

/** The forms of a value; equal values give equal bundles. */
export async function mimeBundle(value: Showable, options: RenderOptions = {}): Promise<MimeBundle> {
  if (typeof value === "string") return { data: { "text/markdown": value, "text/plain": value }, metadata: {} };
  if (value instanceof Uint8Array) return pngBundle(value);
  return "layout" in value ? figureBundle(value, options) : frameBundle(value);
}

function frameBundle(frame: FrameLike): MimeBundle {
  return { data: { "text/html": frameHtml(frame), "text/plain": plainForm(frame) }, metadata: {} };
}

function pngBundle(png: Uint8Array): MimeBundle {
  return { data: { "image/png": base64(png), "text/plain": plainForm(png) }, metadata: {} };
}

/** The interactive figure, and a picture of it for front ends that do not run scripts, shown at the figure's size. */
async function figureBundle(figure: Figure, options: RenderOptions): Promise<MimeBundle> {
  const { width, height } = figure.layout;
  const png = await renderPng(figure, options);
  return {
    data: {
      "application/vnd.plotly.v1+json": { data: figure.data, layout: figure.layout, config: { displaylogo: false } },
      "image/png": base64(png),
      "text/plain": plainForm(figure),
    },
    metadata: { "image/png": { width, height } },
  };
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
}
