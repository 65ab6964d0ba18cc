import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { projectRoot } from "../lib/core/paths";

/** Rooms of which every file is a word of the field, and may be a door. */
export const openRooms: readonly string[] = [
  "adapters",
  "core",
  "data/readers",
  "experiments/results",
  "files",
  "losses",
  "nn",
  "nn/networks",
  "report/plot",
  "retrieval",
  "statistics",
  "training",
];

/**
 * Every folder of lib with its doors: the files that a file outside the folder imports, without
 * their ending, sorted. The index, which only re-exports, opens no door.
 */
export function doorsOf(library: string = join(projectRoot(), "lib")): Readonly<Record<string, readonly string[]>> {
  const files = readdirSync(library, { recursive: true, encoding: "utf8" }).filter(
    (path) => path.endsWith(".ts") && !/^(dist|tf\/tfjs-node)\//.test(path),
  );
  const rooms = new Map(files.map((path) => [dirname(path), new Set<string>()]));
  for (const path of files.filter((file) => file !== "index.ts")) {
    for (const target of importsOf(library, path)) {
      if (dirname(target) !== dirname(path)) rooms.get(dirname(target))?.add(target.slice(dirname(target).length + 1));
    }
  }
  rooms.delete(".");
  const named = [...rooms].map(
    ([room, doors]) => [room, openRooms.includes(room) ? ["every file"] : [...doors].sort()] as const,
  );
  return Object.fromEntries(named.sort());
}

function importsOf(library: string, path: string): readonly string[] {
  const text = withLazyImports(readFileSync(join(library, path), "utf8").replace(/\/\*[\s\S]*?\*\//g, ""));
  const places = [...text.matchAll(/^(?:import|export|\}).*?"(\.{1,2}\/[^"]+)";$/gm)].map(([, place]) => place ?? "");
  return places.map((place) => relative(library, join(library, dirname(path), place)));
}

/** The text with imports that wait until they are needed written as those at the beginning of a file. */
export function withLazyImports(text: string): string {
  return text.replace(/\(await import\("(\.[^"]+)\.js"\)\)\.(\w+)/g, '\nimport { $2 } from "$1";\n');
}
