import { resolve } from "node:path";
import { writeAtomically } from "../core/artifacts/store";
import { callersFolder } from "../core/paths";
import { type AnyFigure, sizedFigure } from "./any-figure";
import { renderFigure } from "./render/render";

/**
 * Writes a figure as `path`.png, at twice its size, .svg and .pdf, and returns their paths. Equal
 * figures give equal files. A relative path is that of the folder one is in. Takes what `show`
 * does.
 */
export async function saveFigure(figure: AnyFigure, path: string): Promise<readonly string[]> {
  const files = await renderFigure(sizedFigure(figure), { scale: 2 });
  const stem = resolve(callersFolder(), path);
  return (["png", "svg", "pdf"] as const).map((format) => {
    writeAtomically(`${stem}.${format}`, files[format]);
    return `${stem}.${format}`;
  });
}
