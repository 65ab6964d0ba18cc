import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { canonicalJson } from "../../lib/core/hash";
import { projectRoot } from "../../lib/core/paths";
import { type AnyTable, isLanguageTable } from "../../lib/experiments/language/kinds/any-table";
import * as library from "../../lib/index";
import { recipesAt } from "../../lib/tables/recipes/recipes";
import { tableNamed, tables } from "../../lib/tables/tables";

describe("the list of tables", () => {
  test("holds every table that notebooks can import, once, and each has a notebook that exists", () => {
    const exported = Object.entries(library).filter(([name]) => /Tables?$/.test(name));
    const importable = exported
      .flatMap(([, value]) => value as AnyTable | readonly AnyTable[])
      .filter((value) => typeof value !== "function");
    expect(importable.length).toBeGreaterThan(10);
    expect(new Set(tables)).toEqual(new Set(importable));
    expect(new Set(tables.map(({ id }) => id)).size).toBe(tables.length);
    for (const { notebook } of tables) {
      expect(existsSync(join(projectRoot(), "notebooks", `${notebook}.ipynb`)), notebook).toBe(true);
    }
  });

  test("is searched by name; an unknown one is refused, with those that exist", () => {
    for (const table of tables) expect(tableNamed(table.id)).toBe(table);
    expect(() => tableNamed("nine")).toThrow(/overview, main.*nine/);
  });
});

const declared = tables.flatMap((table) => Object.keys(table.scales).map((scale) => [table.id, scale, table] as const));

describe.each(declared)("the table %s at the scale %s", (_, scale, table) => {
  const rows = table.rows(scale, 0);
  const ids = rows.map(({ id }) => id);

  test("has rows with ids of their own, and gaps between them", () => {
    expect(new Set(ids).size).toBe(ids.length);
    const ends = isLanguageTable(table) ? [] : [table.gap, ...table.rows(scale, 0).map(({ gap }) => gap)];
    const gaps = ends.flatMap((gap) => gap ?? []);
    expect(ids).toEqual(expect.arrayContaining(gaps.flatMap(({ from, to }) => [from, to])));
    expect(table.scales[scale]?.seeds).toBeGreaterThanOrEqual(1);
  });

  test("differs from seed to seed by the seeds in its recipes and by nothing else", () => {
    const seedless = (some: typeof rows): string => canonicalJson(some).replace(/"seed":\d+/g, '"seed":0');
    const others = table.rows(scale, 1);
    expect(canonicalJson(others)).not.toBe(canonicalJson(rows));
    expect(seedless(others)).toBe(seedless(rows));
  });
});

describe("recipes", () => {
  test.each(["quick", "laptop", "paper"])("of the scale %s all contain the seed", (scale) => {
    const { backbone, simclr, autoencoder, transformation, pairBackbone, pairTransformation } = recipesAt(scale, 7);
    const all = [backbone, simclr, autoencoder, transformation, pairBackbone, pairTransformation];
    expect(all.map(({ seed }) => seed)).toEqual(all.map(() => 7));
  });

  test("of an unknown scale are refused, with those that exist", () => {
    expect(() => recipesAt("huge", 0)).toThrow(/quick, laptop, paper.*huge/);
  });
});
