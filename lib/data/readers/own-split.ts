import { hashOf } from "../../core/hash";
import { InputError } from "../../core/input-error";
import { random } from "../../core/random";
import { type OwnFile, type OwnFiles, some } from "./own-files";

/** How a user's images become training and test images. */
export interface OwnDivision {
  /** The share of each class's images, or of the classes, that is tested on, if it is one tree. */
  readonly testShare: number;
  readonly seed: number;
  /** Whether the test images are of classes that no model has seen. */
  readonly disjoint: boolean;
}

/** Training and test images, and the class names that the labels of each stand for. */
export interface OwnSplit {
  readonly train: readonly OwnFile[];
  readonly test: readonly OwnFile[];
  readonly trainClasses: readonly string[];
  readonly testClasses: readonly string[];
}

/** Half of the classes are the old model's, and a model needs two. */
const fewestClasses = 4;

/**
 * Training and test images of a listing, those of a class in the order of their bytes' hashes:
 * names of files decide nothing. Throws InputError on too few classes, on a class that cannot be
 * divided, and on classes of test that are not those that `disjoint` says.
 */
export function ownSplit(
  folder: string,
  files: OwnFiles,
  { division, warn }: { readonly division: OwnDivision; readonly warn: (message: string) => void },
): OwnSplit {
  const split =
    files.kind === "whole" ? divided(folder, files.files, { division, warn }) : asGiven(folder, files, warn);
  const [train, test] = [sorted(split.train), sorted(split.test)];
  const [trainClasses, tested] = [classesIn(train), classesIn(test)];
  const testClasses = checkedTest(folder, trainClasses, tested, division.disjoint);
  if (trainClasses.length < fewestClasses) {
    const fault = `has ${trainClasses.length} classes to train on (${some(trainClasses)}): at least ${fewestClasses} are needed, half of them for the old model`;
    throw new InputError({ file: folder, fault, remedy: "add folders of further classes" });
  }
  checkMatches(folder, test, warn);
  return { train, test, trainClasses, testClasses };
}

/** SHA-256 of what tells a user's images from others: class and bytes of each file. */
export function contentOf({ train, test }: Pick<OwnSplit, "train" | "test">): string {
  const lines = (files: readonly OwnFile[]) => files.map(({ className, sha256 }) => [className, sha256]);
  return hashOf([lines(train), lines(test)]);
}

function sorted(files: readonly OwnFile[]): readonly OwnFile[] {
  return [...files].sort((a, b) => textOrder(a.className, b.className) || textOrder(a.sha256, b.sha256));
}

function textOrder(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function classesIn(files: readonly OwnFile[]): readonly string[] {
  return [...new Set(files.map(({ className }) => className))].sort();
}

function asGiven(
  folder: string,
  { train, test }: Extract<OwnFiles, { readonly kind: "divided" }>,
  warn: (message: string) => void,
): Pick<OwnSplit, "train" | "test"> {
  const trained = new Set(train.map(({ sha256 }) => sha256));
  const both = test.filter(({ sha256 }) => trained.has(sha256)).map(({ path }) => path);
  if (both.length > 0) warn(`${folder}: ${both.length} test images are among the training images too: ${some(both)}`);
  return { train, test };
}

type Dividing = { readonly division: OwnDivision; readonly warn: (message: string) => void };

/** One tree: a file that is there twice in a class counts once, so that no copy is tested on. */
function divided(
  folder: string,
  files: readonly OwnFile[],
  { division, warn }: Dividing,
): Pick<OwnSplit, "train" | "test"> {
  const once = new Map(sorted(files).map((file) => [`${file.className}/${file.sha256}`, file]));
  if (once.size < files.length) {
    const kept = new Set(once.values());
    const copies = files.filter((file) => !kept.has(file)).map(({ path }) => path);
    warn(`${folder}: ${copies.length} files have the bytes of another of their class, left out: ${some(copies)}`);
  }
  const all = [...once.values()];
  return division.disjoint ? byClass(all, division) : byImage(folder, all, division);
}

function byClass(files: readonly OwnFile[], { testShare, seed }: OwnDivision): Pick<OwnSplit, "train" | "test"> {
  const classes = classesIn(files);
  const count = Math.max(1, Math.round(testShare * classes.length));
  const order = random(seed, "test classes of own images").permutation(classes.length);
  const tested = new Set(Array.from(order.slice(0, count), (index) => classes[index]));
  return {
    train: files.filter(({ className }) => !tested.has(className)),
    test: files.filter(({ className }) => tested.has(className)),
  };
}

/** At least two images of a class are tested on if it has three, so that each can find another. */
function byImage(
  folder: string,
  files: readonly OwnFile[],
  { testShare, seed }: OwnDivision,
): Pick<OwnSplit, "train" | "test"> {
  const single: string[] = [];
  const tested = classesIn(files).flatMap((className) => {
    const members = files.filter((file) => file.className === className);
    if (members.length === 1) single.push(className);
    const count = Math.min(members.length - 1, Math.max(2, Math.round(testShare * members.length)));
    const order = random(seed, "test images of own images", className).permutation(members.length);
    return Array.from(order.slice(0, count), (index) => members[index] as OwnFile);
  });
  if (single.length > 0) {
    const fault = `${single.length} classes have one image, which cannot be divided into training and test: ${some(single)}`;
    throw new InputError({ file: folder, fault, remedy: "add images to them, or remove these folders" });
  }
  const out = new Set(tested);
  return { train: files.filter((file) => !out.has(file)), test: tested };
}

/** The names that test labels stand for. */
function checkedTest(
  folder: string,
  train: readonly string[],
  test: readonly string[],
  disjoint: boolean,
): readonly string[] {
  const known = new Set(train);
  if (disjoint) {
    const shared = test.filter((name) => known.has(name));
    if (shared.length === 0) return test;
    const fault = `${shared.length} classes of test are in train: ${some(shared)}`;
    throw new InputError({ file: folder, fault, remedy: "remove them from one, or do not ask for disjoint classes" });
  }
  const unknown = test.filter((name) => !known.has(name));
  if (unknown.length === 0) return train;
  const fault = `${unknown.length} classes of test are not in train: ${some(unknown)}`;
  throw new InputError({ file: folder, fault, remedy: "add training images, or ask for disjoint classes" });
}

/** A query of a class with one test image has nothing to find. */
function checkMatches(folder: string, test: readonly OwnFile[], warn: (message: string) => void): void {
  const counts = new Map<string, number>();
  for (const { className } of test) counts.set(className, (counts.get(className) ?? 0) + 1);
  const alone = [...counts].filter(([, count]) => count === 1).map(([name]) => name);
  if (alone.length === counts.size) {
    const fault = "no class has two test images, so that no query has anything to find";
    throw new InputError({ file: folder, fault, remedy: "add images to the classes" });
  }
  if (alone.length === 0) return;
  warn(
    `${folder}: ${alone.length} classes have one test image, which is found by none and asks nothing: ${some(alone)}`,
  );
}
