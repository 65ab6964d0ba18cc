import { describe, expect, it } from "vitest";
import { committedFolder } from "../../lib/core/paths";
import { storedResult } from "../../lib/experiments/language/kinds/any-table";
import { isOfLanguage } from "../../lib/experiments/language/language-result";
import type { ResultRow, TableResult } from "../../lib/experiments/results/result";
import { gapFigure, gapRows } from "../../lib/report/figures/gap";
import { tableFigure } from "../../lib/report/figures/table";
import { groupHeadings, rowPlaces } from "../../lib/report/plot/row-places";
import { frameLines, resultFrame } from "../../lib/report/text/frame";
import { gapEnds, ownGapEnds, publicationName } from "../../lib/report/text/rows";
import { tables } from "../../lib/tables/tables";
import { madeUpResult } from "./made-up-result";
import { madeUpMatrix, madeUpUpdates } from "./made-up-updates";

const { rows } = madeUpUpdates;
const ids = (found: ReturnType<typeof gapEnds>): readonly (string | undefined)[] => [found?.from.id, found?.to.id];
const without = <Name extends keyof ResultRow>(row: ResultRow, name: Name): Omit<ResultRow, Name> => {
  const { [name]: _, ...rest } = row;
  return rest;
};
/** The committed results, tables of language models aside. */
const committed = tables.flatMap((table) =>
  Object.keys(table.scales).flatMap((scale): [string, TableResult][] => {
    const result = storedResult(table, scale, committedFolder())?.result;
    return result === undefined || isOfLanguage(result) ? [] : [[`${scale}/${table.id}`, result]];
  }),
);
const ungrouped = (row: ResultRow): ResultRow => without(row, "group");

it("a publication is named as published, unless it says that nobody published it", () => {
  const [source, dataset] = ["Paper A (2001)", "Set A"];
  expect(publicationName({ source, dataset })).toBe("published: Set A, Paper A (2001)");
  expect(publicationName({ source: "one run, not published", dataset })).toBe("Set A, one run, not published");
});

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

it.each(committed)("the ends of every gap of the committed %s are found", (_, result) => {
  expect(gapRows(result.rows).filter((row) => ownGapEnds(row, result.rows) === null)).toEqual([]);
});

it("the ends of a row's gap need not be those of the rows beside it", () => {
  const baselines = new Map(committed).get("quick/baselines")?.rows ?? [];
  const found = ["bct", "bct-cosine", "steps-fct-simclr"].map((name) =>
    ids(ownGapEnds(baselines.find(({ id }) => id === name) as ResultRow, baselines)),
  );
  expect(found).toEqual([
    ["old-old", "new-new"],
    ["old-old-cosine", "new-new-cosine"],
    ["steps-old-old", "new-new"],
  ]);
});

describe("rowPlaces", () => {
  it("leave a place for the heading of every group", () => {
    const places = rowPlaces(rows);
    expect(places.rows.map(({ row }) => row)).toEqual(rows);
    const [first, second] = places.runs;
    expect([first?.heading, second?.heading]).toEqual([0, first?.bottom]);
    const rising = places.rows.map(({ place }) => place);
    expect(rising).toEqual([...rising].sort((a, b) => a - b));
    expect(rising[4]).toBeLessThan(first?.bottom ?? 0);
    expect(rising[5]).toBeGreaterThan(second?.top ?? 0);
    expect(second?.bottom).toBe(places.height);
    expect(groupHeadings(places).map(({ y, text }) => [y, text])).toEqual([
      [0, "<b>small → large network</b>"],
      [second?.heading, "<b>half of the classes → all</b>"],
    ]);
  });

  it("are as high as the name of a row needs, and leave the width that names need", () => {
    const long = { ...madeUpResult.rows[0], label: "a name of so many words that it takes three lines of it" };
    const { rows: placed, height, left } = rowPlaces([long, madeUpResult.rows[6]] as ResultRow[]);
    expect(placed[0]?.place).toBeGreaterThan(1.5 * (height - (placed[1]?.place ?? 0)));
    expect(left).toBeLessThan(210);
    expect(rowPlaces(madeUpResult.rows.slice(-1)).left).toBeLessThan(90);
  });

  it("leave none where there are no groups, and lie closer where there are many", () => {
    const few = rowPlaces(madeUpResult.rows);
    expect(few.runs.map(({ heading, top }) => [heading, top])).toEqual([[null, 0]]);
    expect(groupHeadings(few)).toEqual([]);
    const of = (count: number): number =>
      rowPlaces(Array.from({ length: count }, () => rows.map(ungrouped)[0] as ResultRow)).height / count;
    expect(of(30)).toBeLessThan(of(3));
  });
});

describe("figures of groups", () => {
  it("draw old/old and new/new of each group across its own rows", () => {
    const { runs } = rowPlaces(rows, { least: 40 });
    const { layout } = tableFigure(madeUpUpdates);
    const [first, second] = runs.map(({ heading, bottom }) => [heading, bottom]);
    expect(layout.shapes?.map(({ x0, y0, y1, yref }) => [x0, [y0, y1], yref])).toEqual([
      [50, first, "y"],
      [70, first, "y"],
      [20, second, "y"],
      [60, second, "y"],
    ]);
  });

  it("draw the old/old of the group above through a group that has none of its own", () => {
    const shared = rows.filter(({ id }) => id !== "b-old-old");
    const { layout } = tableFigure({ ...madeUpUpdates, rows: shared });
    expect(layout.shapes?.map(({ x0 }) => x0)).toEqual([50, 70, 50, 60]);
    expect(layout.shapes?.[0]?.y1).toBe(layout.shapes?.[2]?.y0);
  });

  it("draw old/old and new/new also where the new model is no better", () => {
    const lost = rows.map((row) => ({ ...row, gapClosed: { top1: null, top5: null, mAP: null } }));
    const { layout } = tableFigure({ ...madeUpUpdates, rows: lost });
    expect(layout.shapes?.map(({ x0 }) => x0)).toEqual([50, 70, 20, 60]);
  });

  it("say how many seeds lie beyond the scale beside a row that does not", () => {
    const far = rows.map((row) =>
      row.id === "a-64"
        ? { ...row, perSeed: row.perSeed.map((seed, i) => (i === 0 ? { ...seed, top1: 0 } : seed)) }
        : row,
    );
    const subtitle = (rows: readonly ResultRow[]): unknown => gapFigure({ ...madeUpUpdates, rows }).layout.title?.text;
    expect(subtitle(far)).toMatch(/1 circle\b.*left out/s);
    expect(subtitle(rows)).not.toMatch(/circles? beyond/);
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
    expect(data[0]?.y).toEqual(layout.yaxis?.tickvals);
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
