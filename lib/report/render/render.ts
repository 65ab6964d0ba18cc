import sharp from "sharp";
import type { Figure } from "../plot/figure";
import { type DrawRequest, Kaleido, kaleidoFolder, projectEnvironment } from "./kaleido";

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
interface RenderedFigure {
  readonly png: Uint8Array;
  readonly svg: string;
}

/** Draws a figure as PNG and SVG. Equal figures give equal bytes. Needs kaleido, which the set-up installs. */
export async function renderFigure(figure: Figure, options: RenderOptions = {}): Promise<RenderedFigure> {
  const [png, svg] = await Promise.all([
    renderPng(figure, options),
    draw(drawRequest(figure, "svg", options), options),
  ]);
  return { png, svg: stableSvg(svg) };
}

/** Draws a figure as PNG alone. Throws an Error where the browser cannot draw one of that size. */
export async function renderPng(figure: Figure, options: RenderOptions = {}): Promise<Uint8Array> {
  const request = drawRequest(figure, "png", options);
  const png = Buffer.from(await draw(request, options), "base64");
  const [width, height] = png.length < 24 ? [0, 0] : [png.readUInt32BE(16), png.readUInt32BE(20)];
  const wanted = [request.width * request.scale, request.height * request.scale] as const;
  if (Math.abs(width - wanted[0]) < 1.5 && Math.abs(height - wanted[1]) < 1.5)
    return compactPng(png, figure.layout.images !== undefined);
  throw new Error(
    `kaleido drew ${width} x ${height} pixels instead of ${wanted.join(" x ")}: too large for its browser?`,
  );
}

/** Ends the renderer before this process ends, where one runs. */
export async function closeRenderer(): Promise<void> {
  await Promise.all([...renderers.values()].map((renderer) => renderer.close()));
}

const renderers = new Map<string, Kaleido>();

function drawRequest(figure: Figure, format: DrawRequest["format"], options: RenderOptions): DrawRequest {
  const { width = figure.layout.width, height = figure.layout.height, scale = 2 } = options;
  if (!(Math.min(width, height, scale) > 0)) {
    throw new RangeError(`a figure of ${width} x ${height} at scale ${scale}: positive sizes are allowed`);
  }
  return { data: { data: figure.data, layout: { ...figure.layout, width, height } }, format, width, height, scale };
}

async function draw(request: DrawRequest, { environment = projectEnvironment() }: RenderOptions): Promise<string> {
  return rendererIn(kaleidoFolder(environment)).draw(request);
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

/**
 * The same picture in fewer bytes. `photographs` keeps every colour; without them 256 colours are enough for a drawing and
 * the bytes fall to a third. Equal input gives equal output.
 */
async function compactPng(png: Uint8Array, photographs: boolean): Promise<Uint8Array> {
  const opaque = sharp(png).removeAlpha();
  return photographs
    ? opaque.png({ compressionLevel: 9 }).toBuffer()
    : opaque.png({ palette: true, colours: 256, dither: 0, compressionLevel: 9 }).toBuffer();
}

/** plotly's SVG with the random parts of its ids replaced by counts: equal figures give equal text. */
export function stableSvg(svg: string): string {
  const names = [
    ...svg.matchAll(
      /\bid="(?:defs|topdefs|clip|legend)-?([0-9a-f]{6})|\btrace([0-9a-f]{6})\b|"cb([0-9a-f]{6}) colorbar"/g,
    ),
  ];
  const random = [...new Set(names.map(([, id, trace, bar]) => id ?? trace ?? bar ?? ""))];
  return random.reduce(
    (text, name, index) => text.replace(new RegExp(`(?<=[a-z-])${name}`, "g"), String(index + 1).padStart(6, "0")),
    svg.replace(/^<svg[^>]*>/, (root) => root.replace(' style=""', "")),
  );
}
