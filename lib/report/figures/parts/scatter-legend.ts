import { bottomLegend, type LegendRoom, lineHeight, pageWidth } from "../../plot/layout";
import { textLines, textWidth } from "../../plot/text-width";

/** A legend and the right margin beside it, pixels. */
interface ScatterLegend extends LegendRoom {
  readonly right: number;
}

/** A legend at the right of the panels. */
export const legendBeside: ScatterLegend = {
  place: { orientation: "v", x: 1.03, xanchor: "left", y: 1, yanchor: "top", itemsizing: "constant" },
  shown: true,
  height: 0,
  right: 130,
};

/** The legend below: the height of a line, and the room for an entry's edge and its symbol. */
const entrySize = { line: 22, edge: 12, symbol: 44 } as const;

/** Columns of entries as wide as the longest name, which is broken if it exceeds the page. */
export function legendBelow(names: readonly string[]): ScatterLegend {
  const lines = names.map(legendLines);
  const entry = entrySize.edge + Math.max(1, ...lines.flat().map((text) => textWidth(text, { size: 14 })));
  const columns = Math.max(1, Math.floor((pageWidth - 24) / (entry + entrySize.symbol)));
  const place = { ...bottomLegend, entrywidth: entry, entrywidthmode: "pixels", itemsizing: "constant" } as const;
  const most = Math.max(1, ...lines.map(({ length }) => length));
  const height = 16 + (entrySize.line + lineHeight * (most - 1)) * Math.ceil(names.length / columns);
  return { place, shown: true, height, right: 16 };
}

/** A name in lines that a page holds. */
export function legendLines(name: string): readonly string[] {
  return textLines(name, pageWidth - 100, { size: 14 });
}
