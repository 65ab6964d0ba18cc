import { ownPlace, type ProgressLine, progressLine } from "../../core/progress";
import { untilInterrupted } from "../../experiments/run-options";
import { type Gallery, openGallery } from "../../gallery/gallery";

/** What work that stores in a gallery may use. */
export interface GalleryContext {
  readonly line: ProgressLine;
  readonly signal: AbortSignal;
}

/** As withGallery, for work in several transactions: Ctrl-C ends it between two of them. */
export function fillingGallery<T>(
  path: string,
  work: (gallery: Gallery, context: GalleryContext) => Promise<T>,
): Promise<T> {
  const line = progressLine(ownPlace());
  return withGallery(path, (gallery) => untilInterrupted((signal) => work(gallery, { line, signal })));
}

/** Opens a gallery for `work` and closes it. Ctrl-C ends the process: nothing is half done then. */
export async function withGallery<T>(path: string, work: (gallery: Gallery) => Promise<T>): Promise<T> {
  const gallery = openGallery(path);
  try {
    return await work(gallery);
  } finally {
    gallery.close();
  }
}
