import { unexpected } from "../../core/check";
import { classMembers } from "../../core/class-members";
import { random } from "../../core/random";
import { classSubset, type ImageSplit, selectImages } from "./dataset";

/**
 * Which classes a model is trained on: all of them; a share of them; or those in given folders. A
 * share is taken in the order of the classes' names as text or, if `shuffle` is a number, in the
 * shuffled order of that seed, and begins behind the share `after`. A seed in braces is the run's
 * own: repetitions then draw classes of their own. A smaller share is part of a larger one.
 * `images` is the share of each selected class's training images, 1 by default.
 */
export type ClassSelection =
  | "all"
  | {
      readonly fraction: number;
      readonly shuffle: number | null | { readonly seed: number };
      readonly after?: number;
      readonly images?: number;
    }
  | { readonly folders: readonly string[]; readonly images?: number };

/**
 * The training images that a model with this selection sees, in the split's order. A share of the
 * images of a class is drawn by its name, is one image at least, and is part of a larger share.
 * Throws RangeError on a selection that the split does not have.
 */
export function selectedSplit(split: ImageSplit, selection: ClassSelection): ImageSplit {
  const subset = classSubset(split, classesOf(selection, split.classNames));
  const share = selection === "all" ? 1 : (selection.images ?? 1);
  if (!(share > 0 && share <= 1)) throw unexpected("share of images", "above 0 and at most 1", share);
  return share === 1 ? subset : selectImages(subset, sharedImages(subset, share));
}

function sharedImages({ labels, classNames }: ImageSplit, share: number): Int32Array {
  const chosen = [...classMembers(labels)].flatMap(([label, members]) => {
    const order = random("share of images", classNames[label] ?? "").permutation(members.length);
    const count = Math.max(1, Math.round(share * members.length));
    return Array.from(order.slice(0, count), (position) => members[position] as number);
  });
  return Int32Array.from(chosen).sort();
}

/**
 * The labels of the selected classes, ascending. Throws RangeError unless they are whole classes.
 */
export function classesOf(selection: ClassSelection, classNames: readonly string[]): Int32Array {
  if (classNames.length === 0) throw new RangeError("a class selection needs at least one class, got 0");
  if (selection === "all") return Int32Array.from(classNames.keys());
  if ("folders" in selection) return inFolders(selection.folders, classNames);
  const { fraction, shuffle, after = 0 } = selection;
  const start = after === 0 ? 0 : wholeCount(after, classNames.length);
  const end = start + wholeCount(fraction, classNames.length);
  if (end > classNames.length) throw unexpected("class fraction and after", "at most 1 together", fraction + after);
  return classOrder(classNames, shuffle).slice(start, end).sort();
}

function classOrder(classNames: readonly string[], shuffle: number | null | { readonly seed: number }): Int32Array {
  const names = classNames.map((name, label) => ({ name, label }));
  const sorted = names.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : a.label - b.label));
  const order = Int32Array.from(sorted, ({ label }) => label);
  if (shuffle === null) return order;
  return random(typeof shuffle === "number" ? shuffle : shuffle.seed, "class selection")
    .permutation(order.length)
    .map((position) => order[position] as number);
}

function wholeCount(fraction: number, classes: number): number {
  if (!(fraction > 0 && fraction <= 1)) throw unexpected("class fraction", "above 0 and at most 1", fraction);
  const count = Math.round(fraction * classes);
  if (Math.abs(count - fraction * classes) > 1e-6 || count === 0) {
    throw new RangeError(
      `fraction ${fraction} of ${classes} classes is ${fraction * classes}: a whole number of at least 1 is allowed`,
    );
  }
  return count;
}

function inFolders(folders: readonly string[], classNames: readonly string[]): Int32Array {
  if (folders.length === 0) throw new RangeError("a selection of class folders needs at least one, got []");
  for (const folder of folders) {
    if (!classNames.some((name) => name.startsWith(`${folder}/`))) {
      const known = [...new Set(classNames.map((name) => name.split("/")[0]))].join(", ");
      throw new RangeError(`no class in folder "${folder}": there are ${known}`);
    }
  }
  const labels = [...classNames.keys()];
  return Int32Array.from(
    labels.filter((label) => folders.some((folder) => classNames[label]?.startsWith(`${folder}/`))),
  );
}
