import { mkdir, open } from "node:fs/promises";
import { dirname, join } from "node:path";

/** Writes entries of an archive below a folder; an existing file is never written over. */
export interface EntryWriter {
  readonly folder: (path: string) => Promise<void>;
  readonly file: (path: string, content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>) => Promise<void>;
}

/** A writer below `root`. Paths are those that `admission` gave, and are taken without their first part where that is `topFolder`. */
export function entryWriter(archive: string, root: string, topFolder: string | null): EntryWriter {
  const made = new Set<string>();
  const make = async (folder: string): Promise<void> => {
    if (!made.has(folder)) await mkdir(folder, { recursive: true });
    made.add(folder);
  };
  const place = (path: string): string => join(root, withoutTop(archive, path, topFolder));
  return {
    folder: async (path) => make(place(path)),
    file: async (path, content) => {
      const target = place(path);
      await make(dirname(target));
      const file = await open(target, "wx");
      try {
        for await (const chunk of content) await file.writeFile(chunk);
      } finally {
        await file.close();
      }
    },
  };
}

function withoutTop(archive: string, path: string, topFolder: string | null): string {
  if (topFolder === null) return path;
  if (path.replace(/\/$/, "") === topFolder || path === "./") return ".";
  if (path.startsWith(`${topFolder}/`)) return path.slice(topFolder.length + 1);
  throw new RangeError(`${archive}: entry "${path}" lies outside the folder ${topFolder}`);
}
