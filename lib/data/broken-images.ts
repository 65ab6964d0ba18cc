/** The images of one dataset that did not decode. They are left out of the split, with their labels. */
export interface BrokenImages {
  /** Notes a broken image. Throws, naming it, once more than one in a thousand of all images are broken. */
  readonly report: (file: string, error: unknown) => void;
  /** One line that counts and names them, for the user; null where every image decoded. */
  readonly summary: () => string | null;
}

/** The broken images among `total`: a few are left out and named, more than one in a thousand stop the run. */
export function brokenImages(total: number): BrokenImages {
  if (!(Number.isInteger(total) && total >= 1))
    throw new RangeError(`${total} images: a whole number from 1 is allowed`);
  const broken: string[] = [];
  return {
    report: (file, error) => {
      broken.push(`${file} (${error instanceof Error ? error.message : String(error)})`);
      if (broken.length * 1000 > total) {
        throw new Error(
          `${broken.length} of ${total} images are broken, at most one in a thousand is allowed: ${named(broken)}`,
          { cause: error },
        );
      }
    },
    summary: () =>
      broken.length === 0 ? null : `${broken.length} of ${total} images are broken and left out: ${named(broken)}`,
  };
}

function named(broken: readonly string[]): string {
  const shown = broken.slice(0, 10).join(", ");
  return broken.length > 10 ? `${shown} and ${broken.length - 10} more` : shown;
}
