import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Quantity } from "../../lib/claims/claim";
import { claims } from "../../lib/claims/claims";
import { projectRoot } from "../../lib/core/paths";
import { isLanguageTable } from "../../lib/experiments/language/kinds/any-table";
import { tableNamed } from "../../lib/tables/tables";

function rowsOf(quantity: Quantity): readonly string[] {
  switch (quantity.kind) {
    case "difference":
    case "multiple":
      return [quantity.a, quantity.b];
    case "level":
      return [quantity.row];
    case "share":
      return [quantity.row, quantity.from, quantity.to];
    case "negative flips":
      return [quantity.a, quantity.b, quantity.before];
    case "update":
      return [...quantity.plus, ...quantity.minus];
  }
}

test("claims have ids and texts of their own, and texts that fit a line of the README", () => {
  expect(new Set(claims.map(({ id }) => id)).size).toBe(claims.length);
  expect(new Set(claims.map(({ text }) => text)).size).toBe(claims.length);
  expect(claims.filter(({ text }) => text.length > 54)).toEqual([]);
});

describe.each(claims)("the claim $id", ({ table, scales, contrasts, source, margin }) => {
  const declared = tableNamed(table);

  test("is about rows and measures of its table, at scales that the table has", () => {
    expect(contrasts.length).toBeGreaterThan(0);
    expect(scales.filter((scale) => !(scale in declared.scales))).toEqual([]);
    for (const scale of scales) {
      const ids = declared.rows(scale, 0).map(({ id }) => id);
      const named = contrasts.flatMap(({ quantity, gate }) => [
        ...rowsOf(quantity),
        ...(gate === undefined ? [] : [gate.from, gate.to]),
      ]);
      expect(named.filter((id) => !ids.includes(id))).toEqual([]);
    }
    const measures = contrasts.flatMap(({ quantity }) => (quantity.kind === "multiple" ? [quantity.measure] : []));
    const known = isLanguageTable(declared) ? [] : (declared.measures ?? []);
    expect(measures.filter((id) => !known.some((measure) => measure.id === id))).toEqual([]);
    expect(readdirSync(join(projectRoot(), "notebooks"))).toContain(`${declared.notebook}.ipynb`);
  });

  test("names its source, and no section or table of a paper that nobody here has read", () => {
    expect(source.ref).not.toMatch(/\b(section|table|figure) \d/i);
    expect(source.ref.length).toBeGreaterThan(10);
    expect(margin).toBeGreaterThanOrEqual(0);
  });
});
