import { ownPlace, type ProgressLine, progressLine } from "../../core/progress";
import { untilInterrupted } from "../../experiments/run-options";
import { type Gallery, openGallery } from "../../gallery/gallery";

/** What work on a gallery may use. */
export interface GalleryContext {
  readonly line: ProgressLine;
  readonly signal: AbortSignal;
}

/** Opens a gallery for `work` and closes it; Ctrl-C ends the work between two transactions. */
export async function withGallery<T>(
  path: string,
  work: (gallery: Gallery, context: GalleryContext) => Promise<T>,
): Promise<T> {
  const gallery = openGallery(path);
  try {
    return await untilInterrupted((signal) => work(gallery, { line: progressLine(ownPlace()), signal }));
  } finally {
    gallery.close();
  }
}
