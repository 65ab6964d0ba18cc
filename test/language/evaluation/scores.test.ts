import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { finalNumber } from "../../../lib/language/evaluation/exact-match";
import { rouge1 } from "../../../lib/language/evaluation/rouge";

const golden = JSON.parse(readFileSync(join(__dirname, "rouge.golden.json"), "utf8")) as readonly {
  readonly text: string;
  readonly reference: string;
  readonly score: number;
}[];

test("ROUGE-1 is that of the package rouge-score", () => {
  expect(golden.length).toBeGreaterThan(30);
  for (const { text, reference, score } of golden) expect(rouge1(text, reference)).toBeCloseTo(score, 12);
});

test("the final number is the last, without commas and without the point of a sentence", () => {
  expect(finalNumber(" 3 + 4 = 7 , 7 - 2 = 5 #### 5")).toBe("5");
  expect(finalNumber("12,345.60 in all.")).toBe("12345.60");
  expect(finalNumber("it is -7.")).toBe("-7");
  expect(finalNumber("#### 7,")).toBe("7");
  expect(finalNumber("none at all")).toBeNull();
});
