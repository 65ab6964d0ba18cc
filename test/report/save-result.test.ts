import { cpSync, existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { projectRoot } from "../../lib/core/paths";
import { queriesFile } from "../../lib/experiments/results/query-results";
import type { TableResult } from "../../lib/experiments/results/result";
import { parseResult, resultJson } from "../../lib/experiments/results/result-file";
import { resultMarkdown } from "../../lib/report/markdown";
import { closeRenderer } from "../../lib/report/render/render";
import { saveFigure } from "../../lib/report/save-figure";
import { mainFigureOf, resultFiles, saveResult } from "../../lib/report/save-result";
import { temporaryFolder } from "../temporary-folder";
import { kaleidoProblem } from "./kaleido-problem";
import { madeUpResult } from "./made-up-result";
import { madeUpMatrix, madeUpUpdates } from "./made-up-updates";

const missing = kaleidoProblem();

describe.skipIf(missing !== null)(`saveResult${missing === null ? "" : ` (skipped: ${missing})`}`, () => {
  let folder = "";
  beforeEach(() => {
    folder = temporaryFolder();
    vi.stubEnv("FCT_RESULTS", folder);
  });
  afterEach(() => vi.unstubAllEnvs());
  afterAll(closeRenderer);

  const cases: readonly (readonly [TableResult, readonly string[]])[] = [
    [madeUpResult, ["rows", "gap", "loss"]],
    [madeUpUpdates, ["rows", "gap", "loss", "curve"]],
    [madeUpMatrix, ["rows", "loss", "matrix"]],
  ];

  it.each(cases)(
    "writes the result, its Markdown and the figures that it has numbers for: $table",
    async (result, names) => {
      const paths = await saveResult(result);
      const figures = names.flatMap((name) => [`-${name}.png`, `-${name}.svg`, `-${name}.pdf`]);
      const expected = [".json", ".md", ...figures].map((ending) => join(result.scale, `${result.table}${ending}`));
      expect(paths.map((path) => relative(folder, path))).toEqual(expected);
      expect(resultFiles(result).map((name) => join(result.scale, name))).toEqual(expected);
      const read = (ending: string): string =>
        readFileSync(join(folder, result.scale, `${result.table}${ending}`), "utf8");
      expect(read(".json")).toBe(resultJson(result));
      expect(read(".md")).toBe(resultMarkdown(result));
      expect(figures).toContain(`-${mainFigureOf(result)}.png`);
      for (const figure of figures) expect(read(figure).length).toBeGreaterThan(1000);
    },
  );

  it("writes numbers alone if told to, and removes the figures of an earlier result", async () => {
    const earlier = await saveResult(madeUpResult);
    const paths = await saveResult(madeUpResult, join(folder, madeUpResult.scale), { figures: false });
    expect(paths).toEqual(earlier.filter((path) => /\.(json|md)$/.test(path)));
    expect(paths).toHaveLength(2);
    expect(earlier.filter((path) => existsSync(path))).toEqual(paths);
  });

  it("writes any one figure to a path that is relative to where one is", async () => {
    vi.stubEnv("INIT_CWD", folder);
    vi.stubEnv("npm_package_json", join(projectRoot(), "package.json"));
    const paths = await saveFigure({ data: [{ x: [1, 2], y: [3, 4] }], layout: { title: "mine" } }, "figures/mine");
    expect(paths.map((path) => relative(folder, path))).toEqual(
      ["png", "svg", "pdf"].map((end) => `figures/mine.${end}`),
    );
    expect(readFileSync(paths[1] ?? "", "utf8")).toMatch(/^<svg[\s\S]*mine/);
  });

  it("writes the same bytes twice", async () => {
    const paths = await saveResult(madeUpResult);
    const first = paths.map((path) => readFileSync(path, "base64"));
    expect(await saveResult(madeUpResult)).toEqual(paths);
    expect(paths.map((path) => readFileSync(path, "base64"))).toEqual(first);
  });
});

it("the committed result, shown by a notebook that does not compute, is not written as a run", async () => {
  const folder = temporaryFolder();
  vi.stubEnv("FCT_RESULTS", folder);
  const committed = join(projectRoot(), "results", "quick");
  const path = join(committed, "overview.json");
  const paths = await saveResult(parseResult(readFileSync(path, "utf8"), path));
  expect(paths).toContain(path);
  expect(paths.filter((each) => dirname(each) !== committed || !existsSync(each))).toEqual([]);
  expect(readdirSync(folder)).toEqual([]);
  vi.unstubAllEnvs();
});

it("the committed result is written to a folder that is named", async () => {
  const folder = temporaryFolder();
  vi.stubEnv("FCT_CACHE", folder);
  const committed = join(projectRoot(), "results", "quick");
  const path = join(committed, "overview.json");
  const result = parseResult(readFileSync(path, "utf8"), path);
  const queries = queriesFile("overview");
  cpSync(join(committed, queries), join(folder, `queries-${result.queries?.key}.safetensors`));
  const paths = await saveResult(result, join(folder, "run"), { figures: false });
  expect(paths).toEqual(["overview.json", "overview.md", queries].map((name) => join(folder, "run", name)));
  for (const each of paths) expect(readFileSync(each).equals(readFileSync(join(committed, basename(each))))).toBe(true);
  vi.unstubAllEnvs();
});
