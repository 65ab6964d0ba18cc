/**
 * Okabe and Ito's colours, which all common colour blindnesses tell apart. The last, their yellow,
 * is darkened: it would be lost on white.
 */
export const palette: readonly string[] = [
  "#0072B2",
  "#D55E00",
  "#009E73",
  "#CC79A7",
  "#E69F00",
  "#56B4E9",
  "#000000",
  "#8A7A00",
];

/** Marker symbols of different outlines, in the order of use. */
export const symbols: readonly string[] = [
  "circle",
  "square",
  "triangle-up",
  "diamond",
  "cross",
  "x",
  "star",
  "hexagon",
];

export const ink: string = "#222222";
export const faintInk: string = "#767676";
export const gridColour: string = "#E3E3E3";

/** The relative luminance of a hexadecimal colour, 0 to 1, as WCAG 2 defines it. */
function luminance(colour: string): number {
  const channel = (start: number): number => {
    const value = Number.parseInt(colour.slice(start, start + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  return 0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5);
}

/** The colour at a share of the way through a scale of hexadecimal colours, as plotly mixes it. */
export function mixed(scale: readonly (readonly [number, string])[], share: number): string {
  const above = Math.max(
    1,
    scale.findIndex(([end]) => end >= share),
  );
  const [[low, from] = [0, ink], [high, to] = [1, ink]] = [scale[above - 1], scale[above]];
  const part = (share - low) / (high - low);
  const channel = (colour: string, start: number): number => Number.parseInt(colour.slice(start, start + 2), 16);
  const values = [1, 3, 5].map((start) => Math.round((1 - part) * channel(from, start) + part * channel(to, start)));
  return `#${values.map((value) => value.toString(16).padStart(2, "0")).join("")}`;
}

/** White or ink, whichever has more contrast with a ground of that hexadecimal colour. */
export function inkOn(ground: string): string {
  const contrast = (colour: string): number => {
    const [low = 0, high = 0] = [luminance(ground), luminance(colour)].sort((a, b) => a - b);
    return (high + 0.05) / (low + 0.05);
  };
  return contrast("#FFFFFF") > contrast(ink) ? "#FFFFFF" : ink;
}

/** The colour at `index`; after the last, the first follows. */
export function colourAt(index: number): string {
  return palette[index % palette.length] ?? ink;
}

/** The marker symbol at `index`; after the last, the first follows. */
export function symbolAt(index: number): string {
  return symbols[index % symbols.length] ?? "circle";
}

/** A symbol for the colour at `index`: no pair recurs before each colour has met each symbol. */
export function symbolBesideColour(index: number): string {
  return symbolAt(index + Math.floor(index / palette.length));
}
