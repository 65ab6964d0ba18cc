import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { InputError } from "../../../lib/core/input-error";
import { asRecorded, parseResult, resultJson } from "../../../lib/experiments/results/result-file";
import { madeUpResult } from "../../report/made-up-result";

const golden = (name: string): string => readFileSync(join(__dirname, "golden", name), "utf8");

describe("resultJson", () => {
  it("equals the golden file", () => {
    expect(resultJson(madeUpResult)).toBe(golden("made-up.golden.json"));
  });

  it("is a fixed point of writing and reading", () => {
    const text = resultJson(madeUpResult);
    expect(resultJson(parseResult(text, "made-up.json"))).toBe(text);
  });

  it("does not depend on the order of members and rounds percent to four decimals, losses to six digits", () => {
    const { table, rows, ...rest } = madeUpResult;
    const reordered = { ...rest, rows: rows.map(({ id, ...row }) => ({ ...row, id })), table };
    expect(resultJson(reordered)).toBe(resultJson(madeUpResult));
    const history = { label: "h", seed: 1, loss: [1 / 3, 1 / 3e5, -0.00001 / 3] };
    const parsed = parseResult(resultJson({ ...madeUpResult, histories: [history] }), "x.json");
    expect(parsed.histories[0]?.loss).toEqual([0.333333, 0.00000333333, -0.00000333333]);
    const longer = resultJson(madeUpResult).replace('"mean": 50,', '"mean": 50.000033333,');
    expect(parseResult(longer, "x.json").rows[0]?.metrics.top1.mean).toBe(50);
  });

  it("refuses a number that JSON cannot hold, naming it", () => {
    const histories = [{ label: "h", seed: 1, loss: [1, Number.NaN] }];
    expect(() => resultJson({ ...madeUpResult, histories })).toThrow(/made-up, histories\.0\.loss\.1: .*NaN/);
  });
});

describe("asRecorded", () => {
  it("gives what reading the written file gives", () => {
    const history = { label: "h", seed: 1, loss: [1 / 3, 2 / 3e5] };
    const result = { ...madeUpResult, histories: [history] };
    expect(asRecorded(result)).toEqual(parseResult(resultJson(result), "x.json"));
    expect(asRecorded(result)).not.toEqual(result);
  });
});

describe("parseResult", () => {
  const edited = (from: string, to: string): string => {
    const text = resultJson(madeUpResult);
    expect(text).toContain(from);
    return text.replace(from, to);
  };
  const cases: readonly (readonly [string, string, RegExp])[] = [
    ["a file that nests deeply", `${"[".repeat(50_000)}${"]".repeat(50_000)}`, /x\.json: nests deeper than 32/],
    ["a truncated file", "", /results\/x\.json: is not JSON/],
    [
      "a text for a number",
      edited('"mean": 50,', '"mean": "50",'),
      /rows\.0\.metrics\.top1\.mean: .*number.*found "50"/,
    ],
    ["a missing field", edited('"title": "Invented table",', ""), /x\.json, title: .*string/],
    [
      "a result that does not say its data",
      edited('"dataset": "Set C, 5 -> 10 invented classes",', ""),
      /x\.json, dataset: .*string/,
    ],
    ["an unknown field", edited('"scale":', '"colour": 1, "scale":'), /x\.json, the file: .*colour/],
    ["a deviation missing", edited('"sd": 0.8', '"sd": null'), /rows\.0\.metrics\.top1\.sd: null when n is 1/],
    ["a seed without numbers", edited('"seeds": [1, 2, 3]', '"seeds": [1, 2]'), /rows\.0\.perSeed: .*2 seeds/],
    ["two rows of one id", edited('"id": "independent"', '"id": "old-old"'), /rows\.1\.id: .*found "old-old"/],
    [
      "a mean that is not its seeds'",
      edited('"mean": 50,', '"mean": 99.9,'),
      /rows\.0\.metrics\.top1\.mean: expected 50, .*found 99\.9/,
    ],
    [
      "a mean beyond 100 %",
      edited('"mean": 50,', '"mean": 1e300,'),
      /rows\.0\.metrics\.top1\.mean: .*100, found 1e\+300/,
    ],
    ["a mean below 0 %", edited('"mean": 50,', '"mean": -286,'), /rows\.0\.metrics\.top1\.mean: .*0, found -286/],
    ["a number beyond all", edited('"mean": 50,', '"mean": 1e999,'), /rows\.0\.metrics\.top1\.mean: /],
    ["another deviation", edited('"sd": 0.8', '"sd": 0.9'), /rows\.0\.metrics\.top1\.sd: expected 0\.8, .*found 0\.9/],
    ["another number of seeds", edited('"n": 3', '"n": 4'), /rows\.0\.metrics\.top1\.n: expected 3, .*found 4/],
    ["a publication beyond 100 %", edited('"top1": 30,', '"top1": 130,'), /rows\.0\.reported\.0\.top1: .*found 130/],
    ["a negative time", edited('"trainingSeconds": 3', '"trainingSeconds": -3'), /run\.trainingSeconds: .*found -3/],
    [
      "a table that is a path",
      edited('"table": "made-up"', '"table": "../made-up"'),
      /table: letters.*found "\.\.\/made-up"/,
    ],
    ["no rows", resultJson(madeUpResult).replace(/"rows": .*"histories"/s, '"rows": [], "histories"'), /rows: /],
  ];

  it.each(cases)("refuses %s, naming file and field", (_, content, message) => {
    expect(() => parseResult(content.slice(0, content === "" ? 5 : undefined), "results/x.json")).toThrow(message);
  });

  it("takes a share of the gap of any size, and says all in one line of InputError", () => {
    const worse = edited('"gapClosed": { "top1": -245,', '"gapClosed": { "top1": -24500,');
    expect(parseResult(worse, "x.json").rows[1]?.gapClosed.top1).toBe(-24500);
    for (const content of ["{", "[]", "null", '"\\u001b"', '{"table": "\\n\\u001b[31m"}']) {
      expect(() => parseResult(content, "x.json")).toThrow(InputError);
      expect(() => parseResult(content, "x.json")).toThrow(/^x\.json[:,] \P{Cc}*$/u);
    }
  });
});
