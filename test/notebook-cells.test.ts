import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { projectRoot } from "../lib/core/paths";
import { complaints } from "./complaints";

const notebooks = readdirSync(join(projectRoot(), "notebooks")).filter((name) => name.endsWith(".ipynb"));

interface Cell {
  readonly cell_type: string;
  readonly source: readonly string[];
}

function codeOf(notebook: string): string {
  const { cells } = JSON.parse(readFileSync(join(projectRoot(), "notebooks", notebook), "utf8")) as { cells: Cell[] };
  return cells.flatMap(({ cell_type, source }) => (cell_type === "code" ? [source.join("")] : [])).join("\n");
}

it("the cells of every notebook agree with the library's types, strictly, and are refused if they do not", async () => {
  const modules = Object.fromEntries(notebooks.map((name) => [name.replace(/\.ipynb$/, ""), codeOf(name)]));
  for (const [name, code] of Object.entries(modules)) expect(code, name).toContain('"../lib"');
  const wrong = 'import { mainTable, runTable } from "../lib";\nconst id: number = (await runTable(mainTable)).table;';
  expect(await complaints({ ...modules, wrong })).toEqual([
    "wrong.ts(2,7): error TS2322: Type 'string' is not assignable to type 'number'.",
  ]);
});
