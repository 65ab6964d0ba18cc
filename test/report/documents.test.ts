import { describe, expect, it } from "vitest";
import { documentWithResults } from "../../lib/report/documents";
import { datasetsFigure } from "../../lib/report/figures/datasets";
import { resultSection, resultSummary } from "../../lib/report/markdown";
import { madeUpResult } from "./made-up-result";
import { madeUpMatrix, madeUpUpdates } from "./made-up-updates";

const sources = {
  resultOf: () => madeUpResult,
  tablesAt: () => [],
  datasets: () => datasetsFigure([{ name: "made-up [things]", result: madeUpResult }]),
  bench: () => "the benchmark",
  attack: () => null,
  api: () => "the exports",
  verdicts: () => [],
  trials: () => "the trials",
  notebookOf: (table: string) => `00-${table}.ipynb`,
  root: "..",
};
const marker = "<!-- summary quick/made-up -->";

/** The same words in the same order, wherever lines end. */
const words = (text: string): readonly string[] => text.split(/[ \n]+/);

describe("documentWithResults", () => {
  it("writes between the markers and leaves the rest", () => {
    const before = `# Title\n\n${marker}\nan old table\n<!-- end -->\n\nThe end.\n`;
    const after = documentWithResults(before, sources);
    expect(words(after)).toEqual(
      words(`# Title\n\n${marker}\n${resultSummary(madeUpResult)}\n<!-- end -->\n\nThe end.\n`),
    );
    expect(documentWithResults(after, sources)).toBe(after);
  });

  it("fills sections that are empty, and leaves a document without sections as it is", () => {
    expect(documentWithResults("<!-- bench -->\n<!-- end -->", sources)).toBe(
      "<!-- bench -->\nthe benchmark\n<!-- end -->",
    );
    const plain = "no section, only <!-- a comment --> in a line\n";
    expect(documentWithResults(plain, sources)).toBe(plain);
  });

  it("asks for each section's own result", () => {
    const names: string[] = [];
    const resultOf = (name: string): typeof madeUpResult => {
      names.push(name);
      return madeUpResult;
    };
    const document = `${marker}\n<!-- end -->\n\n<!-- summary laptop/main -->\n<!-- end -->\n`;
    documentWithResults(document, { ...sources, resultOf });
    expect(names).toEqual(["quick/made-up", "laptop/main"]);
  });

  it("puts the benchmark between its markers", () => {
    const before = "before\n<!-- bench -->\nold\n<!-- end -->\nafter\n";
    expect(documentWithResults(before, sources)).toBe("before\n<!-- bench -->\nthe benchmark\n<!-- end -->\nafter\n");
  });

  it("puts the library's exports between their markers", () => {
    expect(documentWithResults("<!-- api -->\n<!-- end -->", sources)).toBe("<!-- api -->\nthe exports\n<!-- end -->");
  });

  it("puts what was tortured between its markers, with sums and with every fault", () => {
    const document = "<!-- torture -->\n<!-- end -->\n";
    const counts = { rounds: 9, kills: 5, flips: 7, deletions: 0, together: 90, refusals: 1 };
    const environment = { node: "v20", tensorflow: "2", platform: "linux", device: "CPU", cores: 2, memoryGiB: 8 };
    const record = {
      ...{ seed: 3, minutes: 2.5, date: "2001-02-03", environment: { ...environment, commit: null } },
      ...{ commands: { map: counts, "set-up": { ...counts, kills: 6 } }, faults: [] as string[] },
    };
    const written = (value: unknown): string => {
      const attack = () => ({ path: "torture.json", text: JSON.stringify(value) });
      return documentWithResults(document, { ...sources, attack });
    };
    expect(documentWithResults(document, sources)).toContain("No run is recorded yet.");
    const two = { runs: [record, { ...record, seed: 4, commands: { map: counts } }] };
    expect(written(two)).toMatch(/\| map \| 10 \| 14 \| 0 \| 3 \| 2 \|\n[\s\S]*with seed 3[\s\S]*with seed 4/);
    expect(written({ runs: [record] })).toMatch(
      /\| map \| 5 \| 7 \| 0 \| 2 \| 1 \|\n.*\n\| all \| 11 \| 14 \| 0 \| 3 \| 2 \|/,
    );
    expect(written({ runs: [record] })).toMatch(
      /gave the bytes of an undisturbed one[\s\S]*2001-02-03: 2\.5 minutes with seed 3/,
    );
    expect(written({ runs: [{ ...record, faults: ["map: <lost>"] }] })).toContain("One fault:\n\n- map: \\<lost>");
    expect(() => written({ runs: [{ ...record, seed: -1 }] })).toThrow(/^torture\.json: is not a record/);
  });

  it("puts what was fed to the parsers between its markers", () => {
    const document = "<!-- fuzz -->\n<!-- end -->\n";
    const none = { accepted: 0, refused: 0, unclear: 0, outside: 0, crash: 0, hang: 0, memory: 0, wrong: 0 };
    const environment = { node: "v20", tensorflow: "2", platform: "linux", device: "CPU", cores: 2, memoryGiB: 8 };
    const record = {
      ...{ seed: 3, date: "2001-02-03", environment: { ...environment, commit: null } },
      ...{ targets: { npy: { ...none, accepted: 4, refused: 5, wrong: 1 } }, faults: ["npy 7, wrong: read <1>"] },
    };
    const another = { ...record, seed: 4, targets: { npy: { ...none, refused: 2 } }, faults: [] };
    const attack = () => ({ path: "fuzz.json", text: JSON.stringify({ runs: [record, another] }) });
    const written = documentWithResults(document, { ...sources, attack });
    expect(written).toMatch(/\| npy \| 12 \| 4 \| 7 \| 1 \|\n/);
    expect(written).toMatch(/One fault:\n\n- npy 7, wrong: read \\<1>\n[\s\S]*2001-02-03: 10 inputs with seed 3/);
  });

  it.each([
    [`${marker}\n`, "<!-- summary quick/made-up --> has no <!-- end -->"],
    [`${marker}\n<!-- bench -->\n<!-- end -->\n`, "<!-- summary quick/made-up --> has no <!-- end -->"],
    ["<!-- end -->\n", "<!-- end --> ends no section"],
    ["<!-- resulst quick -->\n<!-- end -->\n", "<!-- resulst quick -->"],
    ["<!-- summary -->\n<!-- end -->\n", "<!-- summary -->"],
    ["<!-- results quick -->\n<!-- end -->\n", "<!-- results quick -->: no table"],
  ])("refuses %j, naming the marker", (document, message) => {
    expect(() => documentWithResults(document, sources)).toThrow(message);
  });

  it("shows the main result on every dataset, in words too", () => {
    const shown = documentWithResults("<!-- datasets -->\n<!-- end -->", sources).replaceAll("\n", " ");
    expect(shown).toMatch(
      /!\[Dot plot\. Mean average precision.* made-up \\\[things\\\].*\]\(\.\.\/results\/datasets\.png\)/,
    );
  });

  it("puts every table of a scale under its title, with its notebook and the figure that says most", () => {
    const results = new Map([madeUpResult, madeUpUpdates, madeUpMatrix].map((result) => [result.table, result]));
    const all = {
      ...sources,
      resultOf: (name: string) => results.get(name.replace(/^quick\//, "")) ?? madeUpResult,
      tablesAt: (scale: string) => (scale === "quick" ? ["updates", "made-up", "matrix"] : []),
    };
    const after = documentWithResults("before\n<!-- results quick -->\nold\n<!-- end -->\nafter\n", all);
    const section = (result: typeof madeUpResult, figure: string): string =>
      [
        `### ${result.title}`,
        `Notebook: [00-${result.table}.ipynb](../notebooks/00-${result.table}.ipynb).`,
        resultSection(result),
        `![](../results/quick/${result.table}-${figure}.png)`,
      ].join("\n\n");
    const sections = [section(madeUpUpdates, "curve"), section(madeUpResult, "rows"), section(madeUpMatrix, "matrix")];
    expect(words(after.replace(/!\[[\s\S]*?[^\\]\]/g, "![]"))).toEqual(
      words(`before\n<!-- results quick -->\n${sections.join("\n\n")}\n<!-- end -->\nafter\n`),
    );
    const alternatives = [...after.matchAll(/!\[([\s\S]*?[^\\])\]/g)].map(([, text]) => text?.slice(0, 30));
    expect(alternatives).toEqual([
      "Line plot. Mean average precis",
      "Dot plot. Top-1 accuracy. Set ",
      "Heat map. Top-1 accuracy of ev",
    ]);
    expect(documentWithResults(after, all)).toBe(after);
  });

  it("breaks prose at 120 columns, never so that a word begins a list or a heading", () => {
    const word = "word ".repeat(23);
    const bench = `- ${word}of - a list\n\n${word}and # 1. or > so\n\n| ${word}| ${word}|`;
    const after = documentWithResults("<!-- bench -->\n<!-- end -->\n", { ...sources, bench: () => bench });
    expect(words(after)).toEqual(words(`<!-- bench -->\n${bench}\n<!-- end -->\n`));
    const prose = after.split("\n").filter((line) => !line.startsWith("|"));
    expect(prose.filter((line) => /^\s*([-+*>#]|\d+[.)]) /.test(line))).toEqual([expect.stringMatching(/^- word/)]);
    expect(Math.max(...prose.map((line) => line.length))).toBeLessThanOrEqual(125);
    expect(prose.length).toBeGreaterThan(bench.split("\n").length);
  });
});
