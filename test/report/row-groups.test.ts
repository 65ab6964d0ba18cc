import { describe, expect, it } from "vitest";
import type { ResultRow } from "../../lib/experiments/results/result";
import { gapFigure } from "../../lib/report/figures/gap";
import { tableFigure } from "../../lib/report/figures/table";
import { groupHeadings, rowPlaces } from "../../lib/report/plot/row-places";
import { frameLines, resultFrame } from "../../lib/report/text/frame";
import { gapEnds } from "../../lib/report/text/rows";
import { madeUpResult } from "./made-up-result";
import { madeUpMatrix, madeUpUpdates } from "./made-up-updates";

const { rows } = madeUpUpdates;
const ids = (found: ReturnType<typeof gapEnds>): readonly (string | undefined)[] => [found?.from.id, found?.to.id];
const without = <Name extends keyof ResultRow>(row: ResultRow, name: Name): Omit<ResultRow, Name> => {
  const { [name]: _, ...rest } = row;
  return rest;
};
const ungrouped = (row: ResultRow): ResultRow => without(row, "group");

describe("gapEnds", () => {
  it("are those of the group", () => {
    expect(ids(gapEnds(rows, "small -> large network"))).toEqual(["a-old-old", "a-new-new"]);
    expect(ids(gapEnds(rows, "half of the classes -> all"))).toEqual(["b-old-old", "b-new-new"]);
  });

  it("are sought among the rows without a group, then among all", () => {
    const first = rows.slice(0, 5);
    const shared = [...first.map((row) => (/old-old|new-new/.test(row.id) ? ungrouped(row) : row))];
    expect(ids(gapEnds(shared, "small -> large network"))).toEqual(["a-old-old", "a-new-new"]);
    expect(ids(gapEnds(first, "another"))).toEqual(["a-old-old", "a-new-new"]);
    const halves = [...rows.slice(0, 4), ungrouped({ ...rows[4], id: "shared" } as ResultRow), ...rows.slice(5)];
    expect(ids(gapEnds(halves, "small -> large network"))).toEqual(["a-old-old", "shared"]);
  });

  it("are none where several rows differ or one is missing", () => {
    expect(gapEnds(rows, "another")).toBeNull();
    expect(gapEnds(rows.map(ungrouped))).toBeNull();
    expect(gapEnds(rows.slice(0, 4), "small -> large network")).toBeNull();
    expect(ids(gapEnds([...madeUpResult.rows, ...madeUpResult.rows]))).toEqual(["old-old", "new-new"]);
  });
});

describe("rowPlaces", () => {
  it("leave a place for the heading of every group", () => {
    const places = rowPlaces(rows);
    expect(places.rows.map(({ place }) => place)).toEqual([1, 2, 3, 4, 5, 7, 8, 9, 10]);
    expect(places.rows.map(({ row }) => row)).toEqual(rows);
    expect(places.count).toBe(11);
    expect(groupHeadings(places).map(({ y, text }) => [y, text])).toEqual([
      [0, "<b>small -&gt; large network</b>"],
      [6, "<b>half of the classes -&gt; all</b>"],
    ]);
  });

  it("leave none where there are no groups, and lie closer where there are many", () => {
    const few = rowPlaces(madeUpResult.rows);
    expect(few.rows.map(({ place }) => place)).toEqual(madeUpResult.rows.map((_, index) => index));
    expect(groupHeadings(few)).toEqual([]);
    const many = rowPlaces(Array.from({ length: 30 }, () => rows.map(ungrouped)[0] as ResultRow));
    expect(many.count).toBe(30);
    expect(many.height).toBeLessThan(few.height);
  });
});

describe("figures of groups", () => {
  it("draw the ends of each group across its own rows, in grey", () => {
    const { data, layout } = tableFigure(madeUpUpdates);
    expect(layout.shapes?.map(({ x0, y0, y1, yref }) => [x0, y0, y1, yref])).toEqual([
      [50, 0.5, 5.5, "y"],
      [70, 0.5, 5.5, "y"],
      [20, 6.5, 10.5, "y"],
      [60, 6.5, 10.5, "y"],
    ]);
    expect(data[1]?.y).toEqual([1, 5, 7, 10]);
  });

  it("draw ends that all groups share across everything", () => {
    const shared = rows.filter(({ id }) => !/^b-(old-old|new-new)/.test(id));
    const { layout } = tableFigure({ ...madeUpUpdates, rows: shared });
    expect(layout.shapes?.map(({ x0, yref }) => [x0, yref])).toEqual([
      [50, "paper"],
      [70, "paper"],
    ]);
  });

  it("take each seed's share from the ends of the row's own group", () => {
    const { data, layout } = gapFigure(madeUpUpdates);
    const top1 = (id: string): readonly number[] =>
      rows.filter((row) => row.id === id).flatMap(({ perSeed }) => perSeed.map((seed) => seed.top1));
    const expected = ["a-16", "a-64", "a-256", "b-16", "b-256"].flatMap((id) => {
      const [old, next] = ["old-old", "new-new"].map((end) => top1(`${id[0]}-${end}`));
      return top1(id).map((value, seed) => {
        const start = old?.[seed] ?? 0;
        return (100 * (value - start)) / ((next?.[seed] ?? 0) - start);
      });
    });
    expect(data.at(-1)?.x).toEqual(expected);
    expect(data[0]?.y).toEqual([1, 2, 3, 5, 6]);
    expect(layout.annotations?.slice(0, 2).map(({ text }) => text)).toEqual(["old / old", "new / new"]);
  });
});

describe("resultFrame", () => {
  it("repeats the update on every row, and prints the measures with their decimals", () => {
    const frame = resultFrame(madeUpUpdates);
    const [header, , ...lines] = frameLines(frame)
      .split("\n")
      .map((line) => line.split(/ {2,}/));
    expect(header).toEqual([
      "update",
      "row",
      ...["top-1 (%)", "top-5 (%)", "mAP (%)", "gap closed, top-1 (%)"],
      ...(madeUpUpdates.measures ?? []).map(({ title }) => title),
    ]);
    expect(frame.column("update").values).toEqual(rows.map(({ group }) => group));
    expect(lines.map((cells) => cells.slice(6))).toEqual([
      ["—", "—", "—", "—"],
      ["9.0 ± 0.5", "20.0 ± 1.3", "16", "—"],
      ["8.0 ± 0.5", "21.0 ± 1.3", "64", "0.500 ± 0.063"],
      ["7.0 ± 0.5", "22.0 ± 1.3", "256", "1.000 ± 0.063"],
      ["—", "—", "—", "—"],
      ["—", "—", "—", "—"],
      ["9.0 ± 0.5", "20.0 ± 1.3", "16", "—"],
      ["8.0 ± 0.5", "21.0 ± 1.3", "256", "0.500 ± 0.063"],
      ["—", "—", "—", "—"],
    ]);
  });

  it("has no column of shares where no row closes a gap", () => {
    const [header] = frameLines(resultFrame(madeUpMatrix)).split("\n");
    expect(header?.split(/ {2,}/)).toEqual(["row", "top-1 (%)", "top-5 (%)", "mAP (%)"]);
  });
});
