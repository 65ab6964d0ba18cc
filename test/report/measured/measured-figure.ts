import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { Figure } from "../../../lib/report/plot/figure";
import { kaleidoFolder, projectEnvironment } from "../../../lib/report/render/kaleido";
import { Renderer } from "../../../lib/report/render/renderer";

/** A box in pixels from the figure's top left corner. */
interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** A line of text as the browser sets it; lines of one text have one owner. */
interface TextBox extends Box {
  readonly owner: number;
  readonly text: string;
  readonly size: number;
}

interface MeasuredFigure {
  readonly width: number;
  readonly height: number;
  readonly texts: readonly TextBox[];
  readonly marks: readonly Box[];
}

/** A browser that draws figures and measures their texts and marks. Close it. */
export class MeasuringBrowser {
  private readonly renderer: Renderer;

  /** `folder` receives the script: plotly and what measures in its place. */
  constructor(folder: string) {
    const script = join(folder, "plotly-measured.js");
    const measuring = readFileSync(join(__dirname, "measure.js"), "utf8");
    writeFileSync(script, `${readFileSync(createRequire(__filename).resolve("plotly.js-dist"), "utf8")}\n${measuring}`);
    this.renderer = new Renderer(kaleidoFolder(projectEnvironment()), undefined, script);
  }

  async measured(figure: Figure): Promise<MeasuredFigure> {
    const { width, height } = figure.layout;
    const data = { data: figure.data, layout: figure.layout };
    return JSON.parse(await this.renderer.draw({ data, format: "svg", width, height, scale: 1 })) as MeasuredFigure;
  }

  close(): Promise<void> {
    return this.renderer.close();
  }
}

/** Type below this is not read in a column, points; the width of the column, points (8.4 cm). */
const smallest = 6;
const columnWidth = 238.1;

/** Boxes of lines are higher and a little wider than their ink, pixels. */
const slack = { across: 1, down: 3.5 } as const;

/** What is wrong with a figure for a reader, in words; empty if nothing is. */
export function faultsOf({ width, height, texts, marks }: MeasuredFigure): readonly string[] {
  const page = { left: 0, top: 0, right: width, bottom: height };
  const small = texts.filter(({ size }) => (size / width) * columnWidth < smallest);
  return [
    ...texts.filter((text) => !(inside(text, page) && finite(text))).map(({ text }) => `"${text}" leaves the page`),
    ...marks.filter((mark) => !(inside(mark, page) && finite(mark))).map(() => "a mark leaves the page"),
    ...small.map(({ text, size }) => `"${text}" has ${size} px on ${width} px`),
    ...texts.filter(({ text }) => /NaN|undefined|Infinity/.test(text)).map(({ text }) => `"${text}" is no text`),
    ...texts.flatMap((text, index) =>
      texts
        .slice(index + 1)
        .filter((other) => other.owner !== text.owner && meet(text, other))
        .map((other) => `"${text.text}" meets "${other.text}"`),
    ),
    ...texts.flatMap((text) => marks.filter((mark) => covers(text, mark)).map(() => `"${text.text}" covers a mark`)),
  ];
}

function finite({ left, top, right, bottom }: Box): boolean {
  return [left, top, right, bottom].every(Number.isFinite);
}

function inside(box: Box, page: Box): boolean {
  return box.left >= -1 && box.top >= -1 && box.right <= page.right + 1 && box.bottom <= page.bottom + 1;
}

function shared(a: Box, b: Box): { readonly across: number; readonly down: number } {
  return {
    across: Math.min(a.right, b.right) - Math.max(a.left, b.left),
    down: Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top),
  };
}

function meet(a: Box, b: Box): boolean {
  const { across, down } = shared(a, b);
  return across > slack.across && down > slack.down;
}

/** Whether a text hides more than a third of a mark's width and height. */
function covers(text: Box, mark: Box): boolean {
  const { across, down } = shared(text, mark);
  return across > (mark.right - mark.left) / 3 && down > (mark.bottom - mark.top) / 3;
}
