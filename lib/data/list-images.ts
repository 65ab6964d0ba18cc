import { readdir } from "node:fs/promises";
import { join } from "node:path";

/** The image files of a folder of class folders: class after class, in the order of their names as text. */
export interface ListedImages {
  readonly classNames: readonly string[];
  readonly labels: Int32Array;
  /** Where the images of each class begin, and last how many images there are. */
  readonly starts: Int32Array;
  readonly path: (index: number) => string;
}

const layout = "<class>/*.jpg, .jpeg or .png is expected";

/** Lists `folder`/<class>/<image>. Throws an error that names a folder which is missing, holds no class or is a class without images. */
export async function listImages(folder: string): Promise<ListedImages> {
  const classNames = await classFolders(folder);
  const files: string[] = [];
  const starts = new Int32Array(classNames.length + 1);
  for (const [label, className] of classNames.entries()) {
    // No spread: a class may hold more names than a call takes arguments.
    for (const name of await imageNames(join(folder, className))) files.push(name);
    starts[label + 1] = files.length;
  }
  const labels = new Int32Array(files.length);
  for (const label of classNames.keys()) labels.fill(label, starts[label], starts[label + 1]);
  return {
    classNames,
    labels,
    starts,
    path: (index) => join(folder, classNames[labels[index] ?? -1] ?? "", files[index] ?? ""),
  };
}

async function classFolders(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((cause: unknown) => {
    throw new Error(`no folder ${folder} that can be read: in it, ${layout}`, { cause });
  });
  const visible = entries.filter(({ name }) => !name.startsWith("."));
  const classes = visible.filter((entry) => entry.isDirectory() || entry.isSymbolicLink());
  if (classes.length > 0) return classes.map(({ name }) => name).sort();
  const images = visible.filter(({ name }) => isImage(name)).length;
  throw new Error(`${folder} has no class folder${images > 0 ? ` but ${images} images of no class` : ""}: ${layout}`);
}

async function imageNames(folder: string): Promise<readonly string[]> {
  const names = (await readdir(folder)).filter(isImage).sort();
  if (names.length === 0) throw new Error(`class folder ${folder} has no image: .jpg, .jpeg and .png are allowed`);
  return names;
}

function isImage(name: string): boolean {
  return /^[^.].*\.(jpe?g|png)$/i.test(name);
}
