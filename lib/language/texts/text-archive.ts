import { join } from "node:path";
import { dataFolder } from "../../core/paths";
import { readChecked } from "../../data/fetching/verified-file";
import { type TextDocument, textsIn } from "./texts-in";

const file = "language-texts.zip";

/**
 * The committed texts whose path begins with one of `folders`, in the order of their paths. Throws
 * InputError if the archive is damaged, and as `textsIn` does.
 */
export async function storedTexts(
  folders: readonly string[],
  { folder = dataFolder() }: { readonly folder?: string } = {},
): Promise<readonly TextDocument[]> {
  const bytes = await readChecked(folder, file);
  return textsIn(join(folder, file), bytes, (path) => folders.some((name) => path.startsWith(`${name}/`)));
}
