import { InputError } from "../../core/input-error";
import { admittedZip } from "../../data/fetching/archive-entries";
import { utf8Text } from "./utf8";

/** A text and the path of its file in the archive, without the top folder. */
export interface TextDocument {
  readonly path: string;
  readonly text: string;
}

const limits = { entries: 2_500, bytesPerEntry: 6_000_000, bytes: 30_000_000 };

/**
 * The texts of a zip archive, those whose path below its top folder is `wanted`. Throws InputError,
 * naming archive and entry, on a text that is not UTF-8 or empty, and on more than its limits.
 */
export async function textsIn(
  archive: string,
  bytes: Uint8Array,
  wanted: (path: string) => boolean,
): Promise<readonly TextDocument[]> {
  const entries = await admittedZip(archive, bytes, limits);
  const documents: TextDocument[] = [];
  for (const { entry, path } of entries) {
    const below = path.slice(path.indexOf("/") + 1);
    if (entry.kind !== "file" || /^readme|^license/i.test(below.slice(below.lastIndexOf("/") + 1))) continue;
    if (wanted(below)) documents.push({ path: below, text: textOf(archive, path, await entry.content()) });
  }
  return documents.sort((a, b) => (a.path < b.path ? -1 : Number(a.path > b.path)));
}

/**
 * The text of bytes, without a byte order mark. Throws InputError on bytes that are not UTF-8, and
 * on a text without anything but white space.
 */
function textOf(archive: string, path: string, bytes: Uint8Array): string {
  const place = `entry "${path}"`;
  const text = utf8Text(bytes, { file: archive, place });
  if (text.trim() === "") throw new InputError({ file: archive, place, fault: "is empty", remedy: "leave it out" });
  return text;
}
