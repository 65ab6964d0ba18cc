import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { ResultRow, TableResult } from "../../lib/experiments/results/result";
import { parseResult, resultJson } from "../../lib/experiments/results/result-file";
import { resultMarkdown, resultSection, resultSummary } from "../../lib/report/markdown";
import { resultText } from "../../lib/report/terminal/result-text";
import { madeUpResult } from "./made-up-result";
import { madeUpMatrix, madeUpUpdates } from "./made-up-updates";

const golden = (name: string): string => readFileSync(join(__dirname, "golden", name), "utf8");
const singleRun: TableResult = {
  ...madeUpResult,
  seeds: [7],
  rows: madeUpResult.rows.map((row) => ({
    ...row,
    metrics: {
      top1: { mean: row.metrics.top1.mean, sd: null, n: 1 },
      top5: { mean: row.metrics.top5.mean, sd: null, n: 1 },
      mAP: { mean: row.metrics.mAP.mean, sd: null, n: 1 },
    },
    perSeed: row.perSeed.slice(0, 1),
    reported: [],
  })),
};

describe("resultMarkdown", () => {
  it("equals the golden file", () => {
    expect(resultMarkdown(madeUpResult)).toBe(golden("made-up.md"));
  });

  it("is recomputed from the JSON to the byte", () => {
    expect(resultMarkdown(parseResult(resultJson(madeUpResult), "made-up.json"))).toBe(golden("made-up.md"));
  });

  it("says what was measured on", () => {
    expect(resultMarkdown(madeUpResult)).toContain("scale `quick`: Set C, 5 -> 10 invented classes;");
  });

  it("gives every row, every reported number's source and dataset, and the shares of the gap", () => {
    const text = resultMarkdown(madeUpResult);
    expect(text.match(/Paper A \(2001\)/g)).toHaveLength(5);
    expect(text.match(/not available/g)).toHaveLength(6);
    expect(text).toContain("not point by point");
  });

  it("names every commit and machine that work was done at, not the newest alone", () => {
    const { environment } = madeUpResult.run;
    const environments = ["a1", "b2+changes", "a1"].map((commit) => ({ ...environment, commit }));
    const run = {
      ...madeUpResult.run,
      environments: [...environments, { ...environment, device: "GPU", commit: "b2+changes" }],
    };
    expect(resultMarkdown({ ...madeUpResult, run })).toContain(
      "321 s of training on CPU, 2 cores, 8 GiB, linux x64, node 20.0.0, TensorFlow 2.0.0; " +
        "GPU, 2 cores, 8 GiB, linux x64, node 20.0.0, TensorFlow 2.0.0, commits `a1`, `b2+changes`. Declaration",
    );
  });

  it("shows no deviation for a single run and no published section without published numbers", () => {
    const text = resultMarkdown(singleRun);
    expect(text).not.toContain("±");
    expect(text).not.toContain("ublished");
    expect(text).not.toContain("##");
    expect(text).toContain("seed 7 (a single run)");
  });

  it("keeps a label's bars and angle brackets from becoming markup", () => {
    expect(resultMarkdown(madeUpResult)).toContain("FCT \\| SimCLR \\<side>");
  });

  it("keeps the title, the dataset and the sources on one line and literal, too", () => {
    const title = "A <b>\n# title";
    const [row, ...rows] = madeUpResult.rows;
    if (row === undefined) throw new Error("a row is needed");
    const text = resultMarkdown({ ...madeUpResult, title, dataset: "Set\n## <i>", rows: [row, ...rows] });
    expect(text).toMatch(/^# A \\<b> # title\n/);
    expect(text).toContain("scale `quick`: Set ## \\<i>;");
  });

  it("equals the golden file where rows have updates, measures and curves, and the result notes", () => {
    expect(resultMarkdown(madeUpUpdates)).toBe(golden("updates.md"));
    expect(resultMarkdown(parseResult(resultJson(madeUpUpdates), "updates.json"))).toBe(golden("updates.md"));
  });

  it("prints an update at its first row only, and a dash where rows without one follow", () => {
    const { group: _, ...last } = madeUpUpdates.rows[8] as ResultRow;
    const text = resultMarkdown({ ...madeUpUpdates, rows: [...madeUpUpdates.rows.slice(0, 8), last] });
    const updates = [...text.matchAll(/^\| (.*?) ?\| (?:old|new|h\()/gm)].map(([, cell]) => cell);
    expect(updates).toEqual(["small -> large network", "", "", "", "", "half of the classes -> all", "", "", "—"]);
  });

  it("says nothing of a gap where no row closes one, and of curves where there are none", () => {
    const text = resultMarkdown(madeUpMatrix);
    expect(text).not.toMatch(/gap|AUC/i);
    const reported = [{ source: "Paper", dataset: "Set", top1: 1, top5: null, mAP: 2, gapClosed: null }];
    const published = resultMarkdown({ ...madeUpMatrix, rows: madeUpMatrix.rows.map((row) => ({ ...row, reported })) });
    expect(published).toContain("| model 1 / model 1 | Set | 1.0 | not available | 2.0 | Paper |");
    expect(published).not.toMatch(/gap/i);
  });

  it("has the notes and what curves mean in the section for other documents too", () => {
    const section = resultSection(madeUpUpdates);
    expect(section).toContain("\n- Curves have 4 points.\n");
    expect(section).toContain("(AUC)");
    expect(resultSection(madeUpResult)).not.toContain("\n- ");
  });

  it("numbers the published columns of that section and names their sources below the table", () => {
    const section = resultSection(madeUpResult);
    expect(section).toContain("| gap closed, top-1 (%) | published [1] (%) | published [2] (%) |");
    expect(section).toContain("[1] Set A, Paper A (2001); [2] Set B, Paper B (2002).");
    expect(resultSection(madeUpMatrix)).not.toContain("ublished");
  });
});

describe("the share of a gap whose interval does not lie above zero", () => {
  const gapInterval = { top1: null, top5: null, mAP: null };
  const withoutGap = { ...madeUpResult, rows: madeUpResult.rows.map((row) => ({ ...row, gapInterval })) };

  it("is a dash in tables, as is what was published beside it", () => {
    const [own] = madeUpResult.rows;
    const rows = [...(own === undefined ? [] : [own]), ...withoutGap.rows.slice(1)];
    expect(resultMarkdown({ ...madeUpResult, rows })).toContain("It is — too where the 95 % interval");
    for (const text of [resultMarkdown, resultSection, resultSummary].map((of) => of({ ...madeUpResult, rows }))) {
      const line = text.split("\n").find((each) => each.startsWith("| new/old, independent |"));
      expect(line).toMatch(/( \| —)+ \|$/);
      expect(text).not.toContain("−245.0");
    }
    expect(resultText({ ...madeUpResult, rows }, 200)).not.toContain("−245.0");
  });

  it("has no column where no update has a gap", () => {
    expect(resultSection(withoutGap)).not.toMatch(/gap closed/i);
    expect(resultText(withoutGap, 200).split("\n\n")[1]).not.toMatch(/gap closed/i);
  });
});

describe("resultSummary", () => {
  const cells = (label: string): readonly string[] => {
    const line =
      resultSummary(madeUpResult)
        .split("\n")
        .find((text) => text.startsWith(`| ${label} |`)) ?? "";
    return line
      .split("|")
      .slice(2, -1)
      .map((cell) => cell.trim());
  };

  it("shows top-1, mAP and the share of the gap closed, beside the published shares of each dataset", () => {
    expect(resultSummary(madeUpResult)).toContain(
      "| row | top-1 (%) | mAP (%) | gap closed, top-1 (%) | published share, top-1: Set A / Set B (%) |",
    );
    const [top1, mAP, gap, published] = cells("new/old, independent");
    expect([top1, mAP]).toEqual(["1.0\u00a0±\u00a00.8", "2.0\u00a0±\u00a00.8"]);
    expect([gap, published]).toEqual(["−245.0", "— / −110.0"]);
  });

  it("shows a single dash if nothing was published for a row, or the row closes no gap", () => {
    expect(cells("new/old, backward-compatible training").at(-1)).toBe("—");
    expect(cells("new/new of backward-compatible training").slice(2)).toEqual(["—", "—"]);
  });

  it("names the sources, and has no published column without them", () => {
    expect(resultSummary(madeUpResult)).toContain("Paper A (2001); Paper B (2002).");
    expect(resultSummary(singleRun)).not.toContain("ublished");
  });

  it("takes the first source that has a share, if several report on one dataset", () => {
    const [first, ...others] = madeUpResult.rows;
    const on = (source: string, gapClosed: number | null) => ({
      source,
      dataset: "Set",
      top1: null,
      top5: null,
      mAP: null,
      gapClosed,
    });
    const rows = [
      { ...(first as ResultRow), reported: [on("A", null), on("B", 20), on("C", 30)] },
      ...others.map((row) => ({ ...row, reported: [on("B", 1), on("C", 2)] })),
    ];
    const text = resultSummary({ ...madeUpResult, rows });
    expect(text).toContain("| 0.0 | 20.0 |");
    expect(text).toContain("published share, top-1: Set (%)");
  });
});
