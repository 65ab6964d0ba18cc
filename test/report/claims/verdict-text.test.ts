import { describe, expect, test } from "vitest";
import type { Claim } from "../../../lib/claims/claim";
import { better, closesAbout, closesMoreThan } from "../../../lib/claims/contrasts";
import { type Outcome, verdictsOf } from "../../../lib/claims/verdict";
import { claimsPage, claimsSummary } from "../../../lib/report/claims/claims-markdown";
import { verdictsJson } from "../../../lib/report/claims/verdict-json";
import { contrastText, estimateText, outcomeText, shortOutcome } from "../../../lib/report/claims/verdict-text";
import { seedsAlone } from "../../../lib/statistics/cluster-sums";
import { estimatedMean } from "../../../lib/statistics/estimate";
import { madeUpResult } from "../made-up-result";

const [a = "", b = ""] = madeUpResult.rows.map(({ id }) => id);
const theirs: Claim = {
  id: "theirs",
  text: "It is so",
  source: { kind: "readme", ref: "a README: 70 %" },
  scales: ["quick", "laptop"],
  table: "main",
  contrasts: [better(a, b), better(b, a)],
  margin: 1,
  family: "f",
};
const ours: Claim = { ...theirs, id: "ours", text: "We say so", source: { kind: "ours", ref: "nobody says it" } };
const verdicts = verdictsOf([theirs, ours], (scale) =>
  scale === "quick" ? { result: madeUpResult, queries: null } : null,
);

test.each<[Outcome, string, string]>([
  [{ kind: "holds" }, "holds", "holds"],
  [{ kind: "contradicted" }, "contradicted", "contradicted"],
  [{ kind: "no difference", margin: 1 }, "no difference larger than 1 mAP", "no difference"],
  [{ kind: "not resolved", seeds: 12 }, "not resolved (12 seeds would be needed)", "not resolved"],
  [{ kind: "not resolved", seeds: null }, "not resolved", "not resolved"],
  [{ kind: "not testable" }, "not testable (no gap)", "no gap"],
  [{ kind: "seen", runs: 1, of: 1 }, "seen in 1 run", "seen in 1 run"],
  [{ kind: "seen", runs: 0, of: 2 }, "not seen in 2 runs", "not seen in 2 runs"],
  [{ kind: "seen", runs: 1, of: 2 }, "seen in 1 of 2 runs", "seen in 1 of 2 runs"],
  [{ kind: "not run" }, "not run", "not run"],
])("an outcome %o has its words", (outcome, long, short) => {
  expect([outcomeText(outcome), shortOutcome(outcome)]).toEqual([long, short]);
});

test("a contrast says what is compared, and the bound that is tested, margin and all", () => {
  expect(contrastText(better("x", "y"), 1)).toBe("`x` − `y` > 1");
  expect(contrastText(closesMoreThan("x", 50), 0)).toBe("share of `x` (%) > 50");
  const recall = { kind: "multiple", measure: "recall", a: "x", b: "y" } as const;
  expect(contrastText({ quantity: recall, expect: { kind: "above", value: 0.95 } }, 0)).toBe(
    "recall, `x` / `y` > 0.95",
  );
  const score = { kind: "update", measure: "score", plus: ["x"], minus: ["y"] } as const;
  expect(contrastText({ quantity: score, expect: { kind: "above", value: -1.5 } }, 0.5)).toBe("score, `x` − `y` > −1");
  expect(contrastText(closesAbout("x", [70, 75, 79.3]), 10)).toBe("share of `x` (%) ≈ 79.3 (± 10)");
});

test("an estimate has two decimals if it is a multiple", () => {
  const quantity = { kind: "multiple", measure: "recall", a: "x", b: "y" } as const;
  const estimated = estimatedMean(seedsAlone([0.943]), null);
  expect(estimateText(estimated, { quantity, expect: { kind: "above", value: 0.95 } })).toBe("0.94");
  expect(estimateText(estimated, better("x", "y"))).toBe("0.9");
});

describe("the claims in documents", () => {
  test("at a glance are the publications' alone, with a verdict for each scale", () => {
    const lines = claimsSummary(verdicts, { numberOf: () => "01" }).split("\n");
    expect(lines[0]).toBe("| claim | source | notebook | quick | laptop |");
    expect(lines.slice(2)).toEqual([
      `| It is so | readme | 01 | ${shortOutcome(verdicts[0]?.outcome ?? { kind: "not run" })} | not run |`,
    ]);
  });

  test("on their page have a row for each contrast, with source, seeds, notebook and commit", () => {
    const page = claimsPage(verdicts, { linkOf: () => "[01](01.ipynb)" });
    const lines = page.split("\n").slice(2);
    expect(lines).toHaveLength(6);
    expect(lines[0]).toContain("| It is so | readme; a README: 70 % | [01](01.ipynb) | quick: ");
    expect(lines[0]).toContain(`| \`${a}\` − \`${b}\` > 1 | `);
    expect(lines[0]).toMatch(/\[.*, .*\]/);
    expect(lines[1]).toMatch(/^\| {2}\| {2}\| {2}\| {2}\| {2}\| {2}\|/);
    expect(lines[2]).toContain("| laptop | — | **not run** |");
  });

  test("name every commit that a piece of work was done at", () => {
    const [verdict] = verdicts;
    if (verdict?.data == null) throw new Error("a verdict without data");
    const { run } = verdict.data.result;
    const environments = ["aaaaaaa1", "bbbbbbb2"].map((commit) => ({ ...run.environment, commit }));
    const data = { ...verdict.data, result: { ...verdict.data.result, run: { ...run, environments } } };
    expect(claimsPage([{ ...verdict, data }], { linkOf: () => "" })).toContain("`aaaaaaa`, `bbbbbbb`");
    expect(JSON.parse(verdictsJson([{ ...verdict, data }]))).toMatchObject([{ commits: ["aaaaaaa1", "bbbbbbb2"] }]);
  });

  test("for programs hold all of it", () => {
    const [first, second] = JSON.parse(verdictsJson(verdicts)) as readonly Record<string, unknown>[];
    expect(first).toMatchObject({ id: "theirs", scale: "quick", seeds: madeUpResult.seeds, margin: 1 });
    expect(first?.contrasts).toHaveLength(2);
    expect(second).toMatchObject({ scale: "laptop", verdict: "not run", seeds: null, contrasts: [] });
  });
});
