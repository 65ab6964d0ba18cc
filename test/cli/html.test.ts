import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { htmlCommand } from "../../lib/cli/html/html";
import { projectRoot } from "../../lib/core/paths";
import { tableFigure } from "../../lib/report/figures/table";
import { frameHtml } from "../../lib/report/text/frame";
import { madeUpResult } from "../report/made-up-result";
import { temporaryFolder } from "../temporary-folder";

const python = join(projectRoot(), ".venv", "bin", "python");
const { status } = spawnSync(python, ["-c", "import latex2mathml, nbconvert"], { stdio: "ignore" });
const missing = status === 0 ? null : "latex2mathml is not installed: npm run setup";

interface Cell {
  readonly cell_type: string;
  readonly source: string | readonly string[];
}

/** The Markdown of all notebooks, in which every formula of theirs is. */
const markdown: readonly Cell[] = readdirSync(join(projectRoot(), "notebooks"))
  .filter((name) => name.endsWith(".ipynb"))
  .flatMap(
    (name) => (JSON.parse(readFileSync(join(projectRoot(), "notebooks", name), "utf8")) as { cells: Cell[] }).cells,
  )
  .filter(({ cell_type }) => cell_type === "markdown");

const figure = tableFigure(madeUpResult);
const frame = {
  columns: [
    "row",
    "top-1 (%)",
    ...["A", "B", "C", "D"].map((name) => `published: a data set, Paper ${name} (2001) (%)`),
  ],
  values: madeUpResult.rows.map(({ label }) => [label, "55.7 ± 2.2", "—", "72.0", "−13.5", "—"]),
};
const onePixel = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

/** A notebook of cells of Markdown and one of code with every kind of output. */
function notebook(texts: readonly string[]): string {
  const display = (data: object): object => ({ output_type: "display_data", metadata: {}, data });
  const outputs = [
    display({ "application/vnd.plotly.v1+json": figure, "image/png": onePixel, "text/plain": "[figure]" }),
    display({ "text/html": frameHtml(frame), "text/plain": "a frame" }),
    display({ "image/png": onePixel, "text/plain": "[PNG image, 70 bytes]" }),
    { output_type: "stream", name: "stdout", text: `${"a-long-line-without-a-break".repeat(12)}\n` },
  ];
  const code = `const long = ${Array.from({ length: 40 }, (_, index) => `name${index}`).join(" + ")};`;
  const cells = [
    ...texts.map((source, index) => ({ cell_type: "markdown", id: `text-${index}`, metadata: {}, source })),
    { cell_type: "code", id: "code", metadata: {}, execution_count: 1, source: code, outputs },
  ];
  return JSON.stringify({ cells, metadata: {}, nbformat: 4, nbformat_minor: 5 });
}

/** A page of results: a long table, a picture, links inside and outside the site. */
const index = [
  "# Results",
  "See [the notebook](../notebooks/made-up.ipynb), [a folder of ours](../lib/claims/claims.ts) and [below](#claims).",
  "![A picture of one pixel](one.png)",
  "## Claims",
  "| claim | verdict | contrast |",
  "| :-- | :-- | :-- |",
  "| Independently trained models do not compare | **holds** | `independent` |",
  "| A claim with a contrast that is long | **not resolved (4 seeds would be needed)** | `fct-simclr-and-a-long-name` |",
]
  .join("\n\n")
  .replaceAll("|\n\n|", "|\n|");

/** The page of a notebook, where it is, and what was printed. */
interface Exported {
  readonly page: string;
  readonly path: string;
  readonly status: number | null;
  readonly said: string;
}

function exported(text: string, folder: string, index?: string): Exported {
  writeFileSync(join(folder, "made-up.ipynb"), text);
  if (index !== undefined) writeFileSync(join(folder, "results.md"), index);
  const sources = ["made-up.ipynb", ...(index === undefined ? [] : ["results.md"])].map((name) => join(folder, name));
  const script = join(projectRoot(), "lib", "cli", "html", "export.py");
  const run = spawnSync(python, [script, join(folder, "out"), ...sources], { encoding: "utf8" });
  const path = join(folder, "out", index === undefined ? "made-up.html" : "index.html");
  return { page: run.status === 0 ? readFileSync(path, "utf8") : "", path, status: run.status, said: run.stderr };
}

describe("fct html", () => {
  it("refuses a notebook that is not there", async () => {
    const command = htmlCommand().exitOverride();
    const folder = temporaryFolder();
    await expect(command.parseAsync(["node", "html", "13-none", "--out", folder])).rejects.toThrow(
      /notebook 13-none: .*notebooks\/13-none.ipynb/,
    );
  });

  it("refuses two notebooks of one name, of which one would be lost", async () => {
    const folder = temporaryFolder();
    const places = ["a", "b"].map((name) => join(folder, name, "x.ipynb"));
    for (const place of places) {
      mkdirSync(dirname(place));
      writeFileSync(place, notebook(["# One"]));
    }
    const words = ["node", "html", ...places, "--out", join(folder, "out")];
    await expect(htmlCommand().exitOverride().parseAsync(words)).rejects.toThrow(
      /b\/x\.ipynb.* same name as .*a\/x\.ipynb/,
    );
  });
});

describe.skipIf(missing !== null)("Python's programs", () => {
  it.each(["execute.py", "html/export.py"])("%s is ended by Ctrl-C without a trace, also while it loads", (name) => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "nbformat.py"), "raise KeyboardInterrupt\n");
    const words = [join(projectRoot(), "lib", "cli", name), join(folder, "a.ipynb"), folder];
    const ended = spawnSync(python, words, { encoding: "utf8", env: { ...process.env, PYTHONPATH: folder } });
    expect([ended.signal, ended.stderr]).toEqual(["SIGINT", ""]);
  });

  it("are not those of another Python's environment", () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "one.ipynb"), notebook(["# One"]));
    const fct = join(projectRoot(), "lib", "dist", "cli", "fct.js");
    const env = { ...process.env, PYTHONHOME: folder, PYTHONPATH: folder };
    const made = spawnSync("node", [fct, "html", "one", "--out", "out"], { encoding: "utf8", cwd: folder, env });
    expect([made.stderr, made.status]).toEqual(["", 0]);
    expect(readdirSync(join(folder, "out"))).toEqual(["one.html", "plotly.min.js"]);
  });

  it("go on after the shell that began them has ended", async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "one.ipynb"), notebook(["# One"]));
    const fct = join(projectRoot(), "lib", "dist", "cli", "fct.js");
    const { npm_lifecycle_event: _, ...env } = process.env;
    const begun = `node "${fct}" html one --out out & until grep -q . /proc/$!/task/$!/children; do sleep 0.1; done`;
    spawnSync("sh", ["-c", begun], { cwd: folder, env, stdio: "ignore", timeout: 60_000 });
    await vi.waitFor(() => expect(existsSync(join(folder, "out", "one.html"))).toBe(true), 60_000);
  });
});

describe.skipIf(missing !== null)(`a page${missing === null ? "" : ` (skipped: ${missing})`}`, () => {
  const texts = markdown.map(({ source }) => (typeof source === "string" ? source : source.join("")));
  const folder = mkdtempSync(join(tmpdir(), "fct-test-"));
  let made: Exported = { page: "", path: "", status: null, said: "" };
  beforeAll(() => {
    made = exported(notebook(texts), folder);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it("needs nothing but the script beside it", () => {
    expect([made.status, made.said]).toEqual([0, ""]);
    const tags = made.page.match(/<(?:script|link|img|iframe)[^>]*(?:src|href)="(?!data:)[^"]*"/g);
    expect(tags?.map((tag) => /"([^"]*)"$/.exec(tag)?.[1])).toEqual(["plotly.min.js"]);
    expect(made.page).not.toMatch(/@import|url\(["']?http/);
    expect(readFileSync(join(made.path, "..", "plotly.min.js"), "utf8")).toContain("plotly.js v");
  });

  it("draws every formula of the notebooks as MathML", () => {
    const formulas = texts.join("\n").match(/\$\$[\s\S]*?\$\$|\$[^$\n]+\$/g) ?? [];
    expect(made.page.match(/<math /g)).toHaveLength(formulas.length);
    expect(formulas.length).toBeGreaterThan(30);
    expect(made.page).not.toMatch(/\$\$|\\(phi|big|mathbb)/);
  });

  it("says in words what figures and pictures show, and names the column of each cell of a table", () => {
    const alternatives = [...made.page.matchAll(/(?:alt|aria-label)="([^"]*)"/g)].map(([, text]) => text ?? "");
    expect(alternatives.filter((text) => text.startsWith("Dot plot. Top-1 accuracy"))).toHaveLength(2);
    expect(alternatives.every((text) => text.length > 5)).toBe(true);
    expect(made.page.match(/data-column="top-1 \(%\)"/g)).toHaveLength(madeUpResult.rows.length);
  });

  it("names a formula that it cannot draw", () => {
    const { status: refused, said } = exported(notebook(["Here is $\\nosuchsymbol + x$."]), temporaryFolder());
    expect([refused, said]).toEqual([1, expect.stringMatching(/made-up.ipynb: .*\$.*\\nosuchsymbol/)]);
  });

  it("of Markdown links to the notebooks' pages alone, has its pictures beside it and tables that stack", () => {
    const own = temporaryFolder();
    writeFileSync(join(own, "one.png"), Buffer.from(onePixel, "base64"));
    const { page, path, said } = exported(notebook(["# 01 A title"]), own, index);
    expect(said).toBe("");
    expect(page).toContain('<li><a href="made-up.html">01 A title</a></li>');
    expect(page.match(/<a href="(?!#|made-up.html)[^"]*"/g)).toEqual(null);
    expect(page).toContain("a folder of ours");
    const picture = /<img[^>]*src="(figures\/[^"]*one\.png)"/.exec(page)?.[1] ?? "";
    expect(readFileSync(join(path, "..", picture)).toString("base64")).toBe(onePixel);
    expect(page.match(/data-column="verdict"/g)).toHaveLength(2);
  });

  const browser = process.env.CHROMIUM ?? "";

  it.skipIf(browser === "").each([1280, 420])(
    `the site's index fits a window of %d pixels${browser === "" ? " (skipped: CHROMIUM names no browser)" : ""}`,
    (width) => {
      const own = temporaryFolder();
      writeFileSync(join(own, "one.png"), Buffer.from(onePixel, "base64"));
      const { page, path } = exported(notebook([]), own, index);
      const measured = inBrowser(browser, { page, path, width });
      expect(measured).toEqual({ errors: [], wide: [], figures: [], missing: 0, formulas: true, width });
    },
    120_000,
  );

  it.skipIf(browser === "").each([1280, 420])(
    `fits a window of %d pixels without a network${browser === "" ? " (skipped: CHROMIUM names no browser)" : ""}`,
    (width) => {
      const measured = inBrowser(browser, { page: made.page, path: made.path, width });
      expect(measured).toEqual({ errors: [], wide: [], figures: [true], missing: 0, formulas: true, width });
    },
    120_000,
  );
});

/** What a browser without a network makes of a page in a window of a width. */
function inBrowser(
  browser: string,
  { page, path, width }: { readonly page: string; readonly path: string; readonly width: number },
): unknown {
  const watching = `<script>window.errors = []; addEventListener("error", (event) => errors.push(String(event.message)));
    console.error = (...words) => errors.push(words.join(" "));</script>`;
  const measuring = `<script>addEventListener("load", () => setTimeout(() => {
    const boxes = [...document.querySelectorAll("pre, table, p, h1, h2, figure, .fct-inline, .fct-formula, body")];
    const visible = boxes.filter((box) => box.getBoundingClientRect().right > innerWidth + 1);
    const cut = [...document.querySelectorAll("pre, table")].filter((box) => box.scrollWidth > box.clientWidth + 1);
    const figures = [...document.querySelectorAll(".fct-figure")];
    const drawn = figures.map((figure) => {
      const plot = figure.querySelector(".main-svg")?.getBoundingClientRect();
      return plot !== undefined && plot.height > 100 && plot.right <= innerWidth + 1;
    });
    const images = [...document.querySelectorAll("img")].filter((image) => image.naturalWidth === 0);
    const formulas = [...document.querySelectorAll("math")].every((each) => each.getBoundingClientRect().height > 3);
    const wide = [...visible, ...cut].map((box) => box.tagName + " " + box.textContent.slice(0, 40));
    const report = { errors, wide, figures: drawn, missing: images.length, formulas, width: innerWidth };
    parent.postMessage(JSON.stringify(report), "*");
  }, 1500));</script>`;
  const watched = page.replace("<head>", `<head>${watching}`).replace("</body>", `${measuring}</body>`);
  writeFileSync(`${path}.watched.html`, watched);
  // A window of its own would not be narrower than 500 pixels.
  const frame = `<iframe src="${basename(path)}.watched.html" style="border: 0; width: ${width}px; height: 2000px"></iframe>`;
  const listening = `<script>addEventListener("message", ({ data }) => { document.querySelector("pre").textContent = data; });</script>`;
  writeFileSync(`${path}.frame.html`, `<body style="margin: 0"><pre></pre>${listening}${frame}`);
  const flags = ["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--virtual-time-budget=8000"];
  const offline = "--host-resolver-rules=MAP * ~NOTFOUND";
  const words = [...flags, offline, "--window-size=1400,2200", "--dump-dom", `file://${path}.frame.html`];
  const { stdout } = spawnSync(browser, words, { encoding: "utf8", maxBuffer: 2 ** 28 });
  return JSON.parse(/<pre>(.*)<\/pre>/.exec(stdout)?.[1]?.replaceAll("&lt;", "<").replaceAll("&amp;", "&") ?? "null");
}
