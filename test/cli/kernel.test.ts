import { spawn, spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const repository = resolve(import.meta.dirname, "..", "..");
const python = join(repository, ".venv", "bin", "python");
let folder = "";

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "fct kernel "));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("a notebook executed headless in the TypeScript kernel", () => {
  it("keeps streams, displays and values, knows the library, and gives the same bytes when executed again", () => {
    const good = write("good", [
      "# A title",
      'import { display } from "tslab";\nimport { sha256 } from "../lib/dist/core/hash";\nconsole.log("shown");\nvoid process.stdout.write("\\r10 rows       \\r20 rows");',
      'display.html("<b>bold</b>");',
      'const digest: string = sha256("");\ndigest.slice(0, 8)',
      "const later = async (): Promise<number> => 7;\nawait later()",
    ]);
    const first = execute(good);
    expect(first).toMatchObject({ status: 0 });
    expect(first.shown).toContain("shown");
    const text = readFileSync(join(folder, "out", "good.ipynb"), "utf8");
    expect(outputs(text)).toEqual([
      ["shown\n", { "text/plain": ["20 rows"] }],
      [{ "text/html": ["<b>bold</b>"] }],
      [{ "text/plain": ["'e3b0c442'"] }],
      [{ "text/plain": ["7"] }],
    ]);
    expect(String(JSON.parse(text).cells[1].source)).toContain("A run of your own");
    expect(readFileSync(join(folder, "out", "good.html"), "utf8")).toContain("<b>bold</b>");
    expect(execute(join(folder, "out", "good.ipynb")).status).toBe(0);
    expect(readFileSync(join(folder, "out", "good.ipynb"), "utf8")).toBe(text);
  });

  it("fails with a cell that fails, which says where, and runs none after it", () => {
    const cells = [
      "const one = 1;",
      'const fail = () => {\n  throw new RangeError("no such thing");\n};\nfail()',
      "6 * 7",
    ];
    const { status, shown } = execute(write("thrown", cells));
    expect(shown).toMatch(/cell 2: RangeError: no such thing/);
    expect(shown).toContain('> 2 |   throw new RangeError("no such thing");');
    expect(shown).toContain("    at fail (cell [2]:2:9)\n    at cell [2]:4:1");
    expect(shown).not.toContain("42");
    expect(status).toBe(1);
    const last = JSON.parse(readFileSync(join(folder, "out", "thrown.ipynb"), "utf8"));
    expect(JSON.stringify(last.cells)).toContain('"output_type":"error"');
  });

  it("reads nothing that is not signed with its key: no cell is disturbed, no right signature told", () => {
    const marker = join(folder, "attacker was here");
    const words = [join(import.meta.dirname, "kernel", "attacker.py"), marker];
    const { status, stdout, stderr } = spawnSync(python, words, { encoding: "utf8" });
    expect(status, stderr).toBe(0);
    const seen = JSON.parse(stdout);
    expect(seen.replayed).toBeGreaterThan(0);
    expect(seen.sent).toBeGreaterThan(10);
    expect(seen.cells).toEqual([
      { status: "ok", outputs: ["2"] },
      { status: "ok", outputs: ["3"] },
      { status: "ok", outputs: ["undisturbed\n"] },
    ]);
    expect(seen).toMatchObject({ alive: true, leaked: false, connectionFileMode: "0o600" });
    expect(existsSync(marker)).toBe(false);
    // Shell and control each got all of it; what goes to other ports is not read at all.
    expect(Number([...stderr.matchAll(/kernel: (\d+) unsigned/g)].at(-1)?.[1])).toBe(10);
  });

  it("refuses another version of tslab by name", () => {
    const clone = mkdtempSync(join(folder, "clone-"));
    const place = (path: string, content: string) => {
      mkdirSync(join(clone, path, ".."), { recursive: true });
      writeFileSync(join(clone, path), content);
    };
    cpSync(join(repository, "lib/cli/kernel"), join(clone, "lib/cli/kernel"), { recursive: true });
    place("node_modules/tslab/package.json", '{ "version": "1.0.23" }');
    const { status, stderr } = spawnSync(process.execPath, [join(clone, "lib/cli/kernel/kernel.cjs"), "nowhere.json"], {
      encoding: "utf8",
    });
    expect([status, stderr]).toEqual([1, "the kernel needs tslab 1.0.22, and 1.0.23 is installed: run npm ci\n"]);
  });

  it("lets running work save itself on an interrupt", async () => {
    const runner = start("work", working);
    await runner.says("working");
    runner.child.kill("SIGINT");
    expect(await runner.closed).toBe(130);
    expect(runner.shown()).toMatch(/saved[\s\S]*goes on from what is saved/);
  });

  it("leaves no kernel and no key behind when its runner is killed", async () => {
    const temporary = mkdtempSync(join(folder, "temporary-"));
    const runner = start("orphan", `console.log("kernel", process.pid);\n${working}`, { TMPDIR: temporary });
    await runner.says("working");
    const kernel = Number(/kernel (\d+)/.exec(runner.shown())?.[1]);
    expect(isAlive(kernel)).toBe(true);
    runner.child.kill("SIGKILL");
    await runner.closed;
    await expect.poll(() => isAlive(kernel), { timeout: 30_000 }).toBe(false);
    expect(readdirSync(temporary)).toEqual([]);
  });
});

/** A cell that works until it is interrupted, and then takes half a second to save. */
const working = `const work = () => new Promise((_, reject) => {
  const beat = setInterval(() => console.log("working"), 100);
  process.once("SIGINT", () => setTimeout(() => {
    console.log("saved");
    clearInterval(beat);
    reject(new Error("stopped"));
  }, 500));
});
await work()`;

/** Starts executing a notebook of one cell; `says` waits for words on the terminal. */
function start(name: string, source: string, settings: Readonly<Record<string, string>> = {}) {
  const words = [join(repository, "lib/cli/execute.py"), write(name, [source]), join(folder, "out")];
  const child = spawn(python, words, { env: { ...process.env, ...settings } });
  let shown = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (piece) => (shown += piece));
  const closed = new Promise<number | null>((resolve) => child.on("close", resolve));
  const says = (words: string) => expect.poll(() => shown, { timeout: 60_000 }).toContain(words);
  return { child, closed, says, shown: () => shown };
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** Runs the notebook as `npm run reproduce` does; what appears on the terminal and the exit status. */
function execute(notebook: string): { readonly status: number | null; readonly shown: string } {
  const words = [join(repository, "lib/cli/execute.py"), notebook, join(folder, "out")];
  const { status, stdout, stderr } = spawnSync(python, words, { encoding: "utf8" });
  return { status, shown: stdout + stderr };
}

function write(name: string, sources: readonly string[]): string {
  const cells = sources.map((source, index) => {
    const cell = { id: `cell-${index}`, metadata: {}, source };
    if (source.startsWith("# ")) return { cell_type: "markdown", ...cell };
    return { cell_type: "code", execution_count: null, outputs: [], ...cell };
  });
  mkdirSync(join(folder, "in"), { recursive: true });
  const path = join(folder, "in", `${name}.ipynb`);
  writeFileSync(path, JSON.stringify({ cells, metadata: {}, nbformat: 4, nbformat_minor: 5 }));
  return path;
}

function outputs(notebook: string): readonly unknown[] {
  const { cells } = JSON.parse(notebook) as { cells: { outputs?: { text?: string[]; data?: unknown }[] }[] };
  return cells.flatMap(({ outputs }) => (outputs ? [outputs.flatMap((output) => output.text ?? [output.data])] : []));
}
