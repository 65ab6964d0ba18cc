import { describe, expect, it } from "vitest";
import type { TableResult } from "../../lib/experiments/results/result";
import { withProseNumbers as proseNumbers } from "../../lib/report/prose-numbers";
import { madeUpResult } from "./made-up-result";
import { madeUpUpdates } from "./made-up-updates";

const withProseNumbers = (text: string, resultOf: Parameters<typeof proseNumbers>[1]): string =>
  proseNumbers(text, resultOf, (expression) => `<${expression}>`);
const [first, , third] = madeUpResult.rows.map(({ id }) => id);
const renewed = (expression: string, result: TableResult = madeUpResult): string => {
  const text = withProseNumbers(`a <!--= ${expression} -->old<!--=--> b`, () => result);
  const [, number = ""] = /^a <!--= .+ -->(.*)<!--=--> b$/.exec(text) ?? [];
  return number;
};
const row = (index: number) => madeUpResult.rows[index] as TableResult["rows"][number];

describe("numbers in prose", () => {
  it("are means, deviations and shares of the gap", () => {
    expect(renewed(`${first} top1`)).toBe(row(0).metrics.top1.mean.toFixed(1));
    expect(renewed(`${first} mAP sd`)).toBe((row(0).metrics.mAP.sd ?? 0).toFixed(1));
    expect(renewed(`${first} top1 gap`)).toBe("0");
    expect(renewed("runs")).toBe(`3 runs, seeds ${madeUpResult.seeds.join(", ")}`);
    expect(renewed("runs", { ...madeUpResult, seeds: [0] })).toBe("a single run, seed 0");
  });

  it("are differences, ratios and shares of the numbers themselves", () => {
    const [a, b] = [row(2).metrics.top1.mean, row(0).metrics.top1.mean];
    expect(renewed(`${third} top1 - ${first} top1`).replace("−", "-")).toBe((a - b).toFixed(1));
    expect(renewed(`${third} top1 / ${first} top1 .2`)).toBe((a / b).toFixed(2));
    expect(renewed(`${third} top1 % ${first} top1`)).toBe(((100 * a) / b).toFixed(0));
  });

  it("are intervals, and shares with theirs", () => {
    const [old, ...others] = madeUpResult.rows;
    const metrics = { ...row(0).metrics, mAP: { ...row(0).metrics.mAP, interval: [-1.25, 30] as const } };
    const gapInterval = { top1: [-2, 3.2] as const, top5: null, mAP: null };
    const result = { ...madeUpResult, rows: [{ ...row(0), metrics, gapInterval }, ...others] };
    expect(renewed(`${first} mAP interval`, result)).toBe("[−1.3, 30.0]");
    expect(renewed(`${first} top1 interval`, result)).toBe("no interval");
    expect(renewed(`${first} top1 share`, result)).toBe("0 % [−2, 3]");
    expect(renewed(`${first} mAP share`, result)).toBe("no gap");
    expect(() => renewed(`${first} mAP gap`, result)).toThrow(/one that the result has/);
    expect(renewed(`${old?.id} top1 share`)).toBe("0 %");
  });

  it("are verdicts and contrasts of claims", () => {
    expect(renewed("verdict fct-beats-bct")).toBe("<verdict fct-beats-bct>");
    expect(renewed("contrast order 1 at quick")).toBe("<contrast order 1 at quick>");
  });

  it("are published numbers, measures and ends of curves", () => {
    const [entry] = row(0).reported;
    expect(renewed(`${first} top1 of ${entry?.dataset}`)).toBe(entry?.top1?.toFixed(1));
    expect(renewed(`${first} top1 of ${entry?.dataset}, Paper`)).toBe(entry?.top1?.toFixed(1));
    const measured = madeUpUpdates.rows.find(({ details }) => details !== undefined);
    const [id = "", detail] = Object.entries(measured?.details ?? {})[0] ?? [];
    expect(Number(renewed(`${measured?.id} ${id}`, madeUpUpdates))).toBeCloseTo(detail?.mean ?? Number.NaN, 0);
    const curved = madeUpUpdates.rows.find(({ curve }) => curve !== undefined);
    expect(renewed(`${curved?.id} mAP end`, madeUpUpdates)).toBe(curved?.curve?.mAP.at(-1)?.toFixed(1));
    expect(renewed(`${curved?.id} mAP start`, madeUpUpdates)).toBe(curved?.curve?.mAP[0]?.toFixed(1));
  });

  it("have as many digits as they are told, with commas between the thousands", () => {
    const [only] = madeUpResult.rows;
    const rows = [
      { ...row(0), id: "much, of it", details: { speed: { mean: 80_539.21, sd: null, n: 1 } } },
      ...(only ? [only] : []),
    ];
    const result = { ...madeUpResult, rows, measures: [{ id: "speed", title: "speed", decimals: 0 }] };
    expect(renewed("much, of it speed", result)).toBe("80,539");
    expect(renewed("much, of it speed ~2", result)).toBe("81,000");
    expect(renewed("much, of it speed .1", result)).toBe("80,539.2");
  });

  it("come from the table that they name, or from the text's own", () => {
    const names: (string | null)[] = [];
    const text = `<!--= ${first} top1 --><!--=--> and <!--= quick/main: ${first} top1 --><!--=-->`;
    withProseNumbers(text, (name) => {
      names.push(name);
      return madeUpResult;
    });
    expect(names).toEqual([null, "quick/main"]);
  });

  it("are all that changes, and change once", () => {
    const text = `x <!-- end --> <!--= ${first} top1 -->1<!--=-->, <!--= ${first} mAP -->2<!--=--> y`;
    const after = withProseNumbers(text, () => madeUpResult);
    expect(after.replace(/(-->)[\d.]+(<!--=)/g, "$1$2")).toBe(text.replace(/(-->)[\d.]+(<!--=)/g, "$1$2"));
    expect(withProseNumbers(after, () => madeUpResult)).toBe(after);
  });

  it.each(["nothing top1", `${first} nothing`, `${first}`, `${first} top1 start`, `${first} top1 of Nowhere`])(
    "are refused if the result does not have them: %s",
    (expression) => {
      expect(() => renewed(expression)).toThrow(RangeError);
      expect(() => renewed(expression)).toThrow(/number of table made-up: expected/);
    },
  );
});
