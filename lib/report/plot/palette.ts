/** Okabe and Ito's colours, which all common colour blindnesses tell apart; the palest is last. */
export const palette: readonly string[] = [
  "#0072B2",
  "#D55E00",
  "#009E73",
  "#CC79A7",
  "#E69F00",
  "#56B4E9",
  "#000000",
  "#F0E442",
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
