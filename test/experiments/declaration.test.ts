import { describe, expect, test } from "vitest";
import { backbone } from "../../lib/experiments/model/construct";
import type { Model } from "../../lib/experiments/model/model";
import type { Row, Table } from "../../lib/experiments/table";
import { fingerprintOf, requestsOf } from "../../lib/experiments/table-work";
import { toyTable } from "./toy-table";

describe("a fingerprint", () => {
  const fingerprint = (table: Table, scale = "tiny", seeds: readonly number[] = [0, 1]): string =>
    fingerprintOf(table, scale, seeds);
  const changed = (change: (row: Row) => Row): Table => ({
    ...toyTable,
    rows: (scale, seed) => toyTable.rows(scale, seed).map(change),
  });
  const own = fingerprint(toyTable);
  const inRow = (id: string, change: (row: Row) => Row): Table => changed((row) => (row.id === id ? change(row) : row));
  const slower = (model: Model): Model => {
    if (model.kind !== "backbone") return model;
    const { recipe } = model;
    return backbone({ ...recipe, schedule: { ...recipe.schedule, learningRate: 0.1999 } });
  };
  const [published] = toyTable.rows("tiny", 0).find(({ id }) => id === "fct-none")?.reported ?? [];

  test("stays the same for an equal declaration, whatever the order of members and whatever does not show", () => {
    expect(fingerprint(changed(({ id, ...row }) => ({ ...row, id })))).toBe(own);
    expect(fingerprint(changed((row) => JSON.parse(JSON.stringify(row))))).toBe(own);
    expect(fingerprint({ ...toyTable, notebook: "another" })).toBe(own);
    const gaps = changed((row) => ({ ...row, gap: { from: "old-old", to: "new-new" } }));
    expect(fingerprint({ ...gaps, gap: null })).toBe(fingerprint(gaps));
  });

  test.each<[string, string]>([
    ["a number of a recipe", fingerprint(changed((row) => ({ ...row, query: slower(row.query) })))],
    ["a number of one row's recipe", fingerprint(inRow("new-new", (row) => ({ ...row, query: slower(row.query) })))],
    ["a row's label", fingerprint(inRow("new-new", (row) => ({ ...row, label: "another" })))],
    ["a row's id", fingerprint(inRow("new-new", (row) => ({ ...row, id: "another" })))],
    ["a row's data", fingerprint(inRow("new-new", (row) => ({ ...row, dataset: { name: "omniglot", side: 16 } })))],
    [
      "a reported number",
      fingerprint(inRow("fct-none", (row) => ({ ...row, reported: published ? [{ ...published, top1: 12.1 }] : [] }))),
    ],
    ["a reported source", fingerprint(inRow("fct-none", (row) => ({ ...row, reported: [] })))],
    ["the order of the rows", fingerprint({ ...toyTable, rows: (s, seed) => toyTable.rows(s, seed).toReversed() })],
    ["a row too few", fingerprint({ ...toyTable, rows: (s, seed) => toyTable.rows(s, seed).slice(1) })],
    ["the title", fingerprint({ ...toyTable, title: "another" })],
    ["the scale", fingerprint(toyTable, "other")],
    ["the data in words", fingerprint({ ...toyTable, scales: { tiny: { seeds: 2, dataset: "other shapes" } } })],
    ["the seeds", fingerprint(toyTable, "tiny", [0])],
    ["an end of the gap", fingerprint({ ...toyTable, gap: { from: "independent", to: "new-new" } })],
    ["no gap", fingerprint({ ...toyTable, gap: null })],
  ])("changes with %s", (_, other) => {
    expect(other).toMatch(/^[0-9a-f]{32}$/);
    expect(other).not.toBe(own);
  });
});

test("two rows of one id are refused before anything is computed", () => {
  const table: Table = {
    ...toyTable,
    rows: (scale, seed) => toyTable.rows(scale, seed).map((row) => ({ ...row, id: "same" })),
  };
  expect(() => requestsOf(table, { scale: "tiny", seeds: 1 })).toThrow(/different.*same/);
});
