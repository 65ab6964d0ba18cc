import type { Figure } from "./figure";
import { type DrawRequest, Kaleido } from "./kaleido";
import { kaleidoFolder, projectEnvironment } from "./kaleido-folder";
import { stableSvg } from "./stable-svg";

export interface RenderOptions {
  /** Layout pixels; the figure's own size unless given. */
  readonly width?: number;
  readonly height?: number;
  /** Pixels of the PNG for each layout pixel. */
  readonly scale?: number;
  /** The Python environment that holds kaleido. */
  readonly environment?: string;
}

/** A figure as files hold it. */
export interface RenderedFigure {
  readonly png: Uint8Array;
  readonly svg: string;
}

/** Draws a figure as PNG and SVG. Equal figures give equal bytes. Needs kaleido, which the set-up installs. */
export async function renderFigure(figure: Figure, options: RenderOptions = {}): Promise<RenderedFigure> {
  const [png, svg] = await Promise.all([renderPng(figure, options), draw(figure, "svg", options)]);
  return { png, svg: stableSvg(svg) };
}

/** Draws a figure as PNG alone. */
export async function renderPng(figure: Figure, options: RenderOptions = {}): Promise<Uint8Array> {
  return Buffer.from(await draw(figure, "png", options), "base64");
}

/** Ends the renderer before this process ends, where one runs. */
export async function closeRenderer(): Promise<void> {
  await Promise.all([...renderers.values()].map((renderer) => renderer.close()));
}

const renderers = new Map<string, Kaleido>();

function draw(figure: Figure, format: DrawRequest["format"], options: RenderOptions): Promise<string> {
  const { width = figure.layout.width, height = figure.layout.height, scale = 2 } = options;
  const layout = { ...figure.layout, width, height };
  const request = { data: { data: figure.data, layout }, format, width, height, scale };
  return rendererIn(kaleidoFolder(options.environment ?? projectEnvironment())).draw(request);
}

/** One renderer a folder, started on first use and again after it has ended. */
function rendererIn(folder: string): Kaleido {
  const running = renderers.get(folder);
  if (running !== undefined) return running;
  const renderer = new Kaleido(folder);
  renderers.set(folder, renderer);
  renderer.ended.then(() => renderers.delete(folder));
  return renderer;
}
