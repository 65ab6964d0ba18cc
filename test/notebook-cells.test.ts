import { execFile } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { projectRoot } from "../lib/core/paths";
import { temporaryFolder } from "./temporary-folder";

const notebooks = readdirSync(join(projectRoot(), "notebooks")).filter((name) => name.endsWith(".ipynb"));

interface Cell {
  readonly cell_type: string;
  readonly source: readonly string[];
}

function codeOf(notebook: string): string {
  const { cells } = JSON.parse(readFileSync(join(projectRoot(), "notebooks", notebook), "utf8")) as { cells: Cell[] };
  return cells.flatMap(({ cell_type, source }) => (cell_type === "code" ? [source.join("")] : [])).join("\n");
}

/** The compiler's complaints about modules by name, each a program's text. Their "../lib" is the library's sources. */
async function complaints(modules: Readonly<Record<string, string>>): Promise<readonly string[]> {
  const folder = temporaryFolder();
  const library = JSON.stringify(join(projectRoot(), "lib", "index"));
  for (const [name, code] of Object.entries(modules)) {
    writeFileSync(join(folder, `${name}.ts`), code.replaceAll('"../lib"', library));
  }
  const config = {
    extends: join(projectRoot(), "tsconfig.test.json"),
    // A notebook's last value may be looked at by hand only.
    compilerOptions: {
      noUnusedLocals: false,
      rootDir: "/",
      typeRoots: [join(projectRoot(), "node_modules", "@types")],
    },
    include: ["*.ts"],
    exclude: [],
  };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config));
  const compiler = join(projectRoot(), "node_modules", "typescript", "bin", "tsc");
  const run = promisify(execFile)(process.execPath, [compiler, "-p", folder], { cwd: folder });
  const output = await run.then(
    () => "",
    ({ stdout, stderr }: { stdout: string; stderr: string }) => stdout + stderr,
  );
  return output.split("\n").filter((line) => line !== "");
}

it("the cells of every notebook agree with the library's types, strictly, and are refused if they do not", async () => {
  const modules = Object.fromEntries(notebooks.map((name) => [name.replace(/\.ipynb$/, ""), codeOf(name)]));
  for (const [name, code] of Object.entries(modules)) expect(code, name).toContain('"../lib"');
  const wrong = 'import { mainTable, runTable } from "../lib";\nconst id: number = (await runTable(mainTable)).table;';
  expect(await complaints({ ...modules, wrong })).toEqual([
    "wrong.ts(2,7): error TS2322: Type 'string' is not assignable to type 'number'.",
  ]);
});
