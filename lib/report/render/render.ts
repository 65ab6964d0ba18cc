import sharp from "sharp";
import { positive } from "../../core/check";
import type { Figure } from "../plot/figure";
import { type DrawRequest, kaleidoFolder, projectEnvironment } from "./kaleido";
import { Renderer } from "./renderer";

interface RenderOptions {
  /** Pixels of the PNG for each layout pixel. */
  readonly scale?: number;
}

/** A figure as it is written to files. */
interface RenderedFigure {
  readonly png: Uint8Array;
  readonly svg: string;
  readonly pdf: Uint8Array;
}

/** Draws a figure as PNG, SVG and PDF; equal figures give equal bytes. Needs kaleido. */
export async function renderFigure(figure: Figure, options: RenderOptions = {}): Promise<RenderedFigure> {
  const [png, svg, pdf] = await Promise.all([
    renderPng(figure, options),
    draw(drawRequest(figure, "svg", options)),
    draw(pdfRequest(figure)),
  ]);
  return { png, svg: stableSvg(svg), pdf: stablePdf(Buffer.from(pdf, "base64")) };
}

/** Draws a figure as PNG alone. Throws an Error if the browser cannot draw one of that size. */
export async function renderPng(figure: Figure, options: RenderOptions = {}): Promise<Uint8Array> {
  const request = drawRequest(figure, "png", options);
  const png = Buffer.from(await draw(request), "base64");
  const [width, height] = png.length < 24 ? [0, 0] : [png.readUInt32BE(16), png.readUInt32BE(20)];
  const wanted = [request.width * request.scale, request.height * request.scale] as const;
  if (Math.abs(width - wanted[0]) < 1.5 && Math.abs(height - wanted[1]) < 1.5)
    return compactPng(png, figure.layout.images !== undefined);
  throw new Error(
    `kaleido drew ${width} x ${height} pixels instead of ${wanted.join(" x ")}: too large for its browser?`,
  );
}

/** The browser of this process, null before the first figure: the module's only state. */
let renderer: Renderer | null = null;

/** Ends this process's browser, if one runs; the next figure starts another. */
export async function closeRenderer(): Promise<void> {
  await renderer?.close();
}

function draw(request: DrawRequest): Promise<string> {
  renderer ??= new Renderer(kaleidoFolder(projectEnvironment()));
  return renderer.draw(request);
}

function drawRequest(figure: Figure, format: DrawRequest["format"], { scale = 2 }: RenderOptions): DrawRequest {
  const { width, height } = figure.layout;
  positive("pixels of a figure's smaller side", Math.min(width, height));
  positive("scale of a figure", scale);
  return { data: { data: figure.data, layout: figure.layout }, format, width, height, scale };
}

/** The browser prints other heights than multiples of 8 pixels on two pages, the second empty. */
function pdfRequest(figure: Figure): DrawRequest {
  const request = drawRequest(figure, "pdf", { scale: 1 });
  return { ...request, height: 8 * Math.ceil(request.height / 8) };
}

/** A PDF of the browser with fixed dates: equal figures, equal bytes. */
function stablePdf(pdf: Buffer): Uint8Array {
  const fixed = pdf.toString("latin1").replace(/(?<=\/(?:Creation|Mod)Date \(D:)\d{14}/g, "20000101000000");
  return Buffer.from(fixed, "latin1");
}

/**
 * The same picture in fewer bytes; equal input gives equal output. Photographs keep every colour.
 * For a drawing, 256 colours are enough and take a third of the bytes.
 */
async function compactPng(png: Uint8Array, photographs: boolean): Promise<Uint8Array> {
  const opaque = sharp(png).removeAlpha();
  return photographs
    ? opaque.png({ compressionLevel: 9 }).toBuffer()
    : opaque.png({ palette: true, colours: 256, dither: 0, compressionLevel: 9 }).toBuffer();
}

/** plotly's SVG with counts in place of the random parts of its ids: equal figures, equal text. */
export function stableSvg(svg: string): string {
  const names = [
    ...svg.matchAll(
      /\bid="(?:defs|topdefs|clip|legend\d*?)-?([0-9a-f]{6})(?=["xy])|\btrace([0-9a-f]{6})\b|"cb([0-9a-f]{6}) colorbar"/g,
    ),
  ];
  const random = [...new Set(names.map(([, id, trace, bar]) => id ?? trace ?? bar ?? ""))];
  return random.reduce(
    (text, name, index) =>
      text.replace(new RegExp(`(?<=[a-z-]|\\blegend\\d+)${name}(?![0-9a-f])`, "g"), String(index + 1).padStart(6, "0")),
    svg.replace(/^<svg[^>]*>/, (root) => root.replace(' style=""', "")),
  );
}
