import type { Annotation } from "../../plot/figure";
import { faintInk } from "../../plot/palette";
import { brokenText, textLines } from "../../plot/text-width";
import { percentText } from "../../text/text";

/** Shares outside these are written, not drawn: a far outlier would press all others together. */
const drawn = { lowest: -50, highest: 200 } as const;

/** A row's shares that lie too far out to be drawn, written at the side on which they lie. */
export function offScaleNotes(
  shares: readonly (number | null)[],
  { place, width }: { readonly place: number; readonly width: number },
): readonly Annotation[] {
  const [own = null, ...published] = shares;
  const note = (isOut: (share: number) => boolean): string => {
    const written = (some: readonly (number | null)[]): string =>
      some.flatMap((share) => (share !== null && isOut(share) ? [`${percentText(share)}\u00a0%`] : [])).join(", ");
    const here = written([own]);
    const elsewhere = written(published);
    return [here === "" ? [] : [`${here} here`], elsewhere === "" ? [] : [`published ${elsewhere}`]].flat().join("; ");
  };
  // Over the marks of the row, unless all of them lie off the scale.
  const yshift = shares.some(isDrawn) ? 14 : 0;
  const font = { color: faintInk };
  const at = { y: place, xref: "paper", yref: "y" } as const;
  const look = { yshift, yanchor: "middle", showarrow: false, font } as const;
  const low = note((share) => share < drawn.lowest);
  const high = note((share) => share > drawn.highest);
  return [
    ...(low === ""
      ? []
      : [
          {
            text: brokenText(textLines(`◂ ${low}`, width, { size: 14 })),
            align: "left",
            x: 0.01,
            ...at,
            xanchor: "left",
            ...look,
          } as const,
        ]),
    ...(high === ""
      ? []
      : [
          {
            text: brokenText(textLines(`${high} ▸`, width, { size: 14 })),
            align: "right",
            x: 0.99,
            ...at,
            xanchor: "right",
            ...look,
          } as const,
        ]),
  ];
}

/** Whether a share is near enough to be drawn. */
export function isDrawn(share: number | null): share is number {
  return share !== null && share >= drawn.lowest && share <= drawn.highest;
}
