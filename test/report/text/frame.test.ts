import { describe, expect, it } from "vitest";
import { frameHtml, frameLines, resultFrame } from "../../../lib/report/text/frame";
import { madeUpResult } from "../made-up-result";

describe("resultFrame", () => {
  it("holds numbers, deviations beside them, the published shares at the end", () => {
    const frame = resultFrame(madeUpResult);
    expect(frame.columns).toEqual([
      "row",
      "top-1 (%)",
      "top-1 (%), sd",
      "top-5 (%)",
      "top-5 (%), sd",
      "mAP (%)",
      "mAP (%), sd",
      "gap closed, top-1 (%)",
      "published: Set A, Paper A (2001) (%)",
      "published: Set B, Paper B (2002) (%)",
    ]);
    const [old, independent] = frame.values as readonly (readonly unknown[])[];
    expect(old).toEqual([
      "old/old",
      50,
      expect.closeTo(0.8),
      70,
      expect.closeTo(0.8),
      40,
      expect.closeTo(0.8),
      0,
      0,
      NaN,
    ]);
    expect(independent?.slice(7)).toEqual([-245, NaN, -110]);
    expect(frame.dtypes).toEqual([
      "string",
      ...frame.columns.slice(1).map(() => expect.stringMatching(/^(float|int)32$/)),
    ]);
  });

  it("can be sorted, averaged and described", () => {
    const frame = resultFrame(madeUpResult);
    const sorted = frame.sortValues("top-1 (%)", { ascending: false });
    expect(sorted.column("row").values[0]).toBe("new/new");
    const top1 = madeUpResult.rows.map(({ metrics }) => metrics.top1.mean);
    expect(frame.column("top-1 (%)").mean()).toBeCloseTo(top1.reduce((sum, value) => sum + value, 0) / top1.length, 9);
    const described = frame.loc({ columns: ["top-1 (%)", "mAP (%)"] }).describe();
    expect(frameLines(described).split("\n").slice(2, 4)).toEqual([
      "count             7         7",
      "mean        52.2857   43.8571",
    ]);
    expect(frameLines(sorted).split("\n")[2]).toMatch(/^new\/new +70.0 ± 0.8 /);
  });

  it("shows the printed cells", () => {
    const cells = frameLines(resultFrame(madeUpResult))
      .split("\n")
      .map((line) => line.split(/ {2,}/));
    expect(cells[0]?.slice(0, 4)).toEqual(["row", "top-1 (%)", "top-5 (%)", "mAP (%)"]);
    expect(cells.slice(2)).toEqual([
      ["old/old", "50.0 ± 0.8", "70.0 ± 0.8", "40.0 ± 0.8", "0.0", "0.0", "—"],
      ["new/old, independent", "1.0 ± 0.8", "5.0 ± 0.8", "2.0 ± 0.8", "−245.0", "—", "−110.0"],
      ["new/new of backward-compatible training", "68.0 ± 0.8", "84.0 ± 0.8", "58.0 ± 0.8", "—", "—", "—"],
      ["new/old, backward-compatible training", "48.0 ± 0.8", "71.0 ± 0.8", "39.0 ± 0.8", "−10.0", "—", "—"],
      ["new/old, FCT without side-information", "62.0 ± 0.8", "80.0 ± 0.8", "52.0 ± 0.8", "60.0", "55.0", "—"],
      ["new/old, FCT | SimCLR <side>", "67.0 ± 0.8", "83.0 ± 0.8", "56.0 ± 0.8", "85.0", "75.0", "90.0"],
      ["new/new", "70.0 ± 0.8", "85.0 ± 0.8", "60.0 ± 0.8", "100.0", "100.0", "—"],
    ]);
  });

  it("refuses a result without rows", () => {
    expect(() => resultFrame({ ...madeUpResult, rows: [] })).toThrow(/made-up has no rows/);
  });

  it("shows itself as an HTML table", () => {
    const html = frameHtml(resultFrame(madeUpResult));
    expect(html.match(/<tr>/g)).toHaveLength(8);
    expect(html).toContain('<td style="text-align: left; min-width: 12em">new/old, FCT | SimCLR &lt;side&gt;</td>');
    expect(html).toContain('<td style="text-align: right">67.0&nbsp;±&nbsp;0.8</td>');
  });
});

describe("frameHtml and frameLines", () => {
  const frame = {
    columns: ["name", "<script>", "value"],
    values: [
      ['<img src=x onerror="alert(1)">', "a & b", 1.23456789],
      ["plain", "&amp;", null],
    ],
  };

  it("escape every cell and header", () => {
    const html = frameHtml(frame);
    expect(html).not.toMatch(/<(script|img)/);
    expect(html).toContain("&lt;img src=x onerror=&quot;alert(1)&quot;&gt;");
    expect(html).toContain("&amp;amp;");
  });

  it("round numbers, show null as a dash, and set figures flush right", () => {
    const lines = frameLines(frame).split("\n");
    expect(lines[2]?.endsWith("1.2346")).toBe(true);
    expect(lines[3]?.endsWith("     —")).toBe(true);
    expect(new Set([lines[0], lines[2], lines[3]].map((line) => line?.length)).size).toBe(1);
  });

  it("may have more rows than a function has arguments", () => {
    const values = Array.from({ length: 150_000 }, (_, row) => [row]);
    expect(
      frameLines({ columns: ["row"], values })
        .split("\n")
        .slice(-1),
    ).toEqual(["149999"]);
  });
});
