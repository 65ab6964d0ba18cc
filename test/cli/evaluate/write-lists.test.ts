import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { requireLists } from "../../../lib/cli/evaluate/write-lists";
import { temporaryFolder } from "../../temporary-folder";

it("no input is written over, not even by force, whatever part of it is read", () => {
  const folder = temporaryFolder();
  const path = (name: string): string => join(folder, name);
  const names = ["query.csv", "gallery.csv", "labels.csv", "query-labels.csv", "groups#1.csv", "gallery-groups.csv"];
  for (const name of names) writeFileSync(path(name), name);
  const choices = {
    query: `${path("query.csv")}#a:b`,
    gallery: `${path("gallery.csv")}#a:b`,
    labels: `${path("labels.csv")}#class`,
    queryLabels: path("query-labels.csv"),
    queryGroups: `${path("groups#1.csv")}#camera`,
    galleryGroups: path("gallery-groups.csv"),
    distance: "l2",
    memory: 1,
    force: true,
  } as const;
  for (const name of names) {
    expect(() => requireLists({ ...choices, out: path(name) }), name).toThrow(/it is an input/);
    expect(() => requireLists({ ...choices, perQuery: path(name) }), name).toThrow(/it is an input/);
    expect(readFileSync(path(name), "utf8")).toBe(name);
  }
  expect(() => requireLists({ ...choices, out: path("new.csv"), perQuery: path("other.csv") })).not.toThrow();
  expect(() => requireLists({ ...choices, out: path("new.npy") })).toThrow(/new\.npy: its ending must be \.csv/);
  expect(() => requireLists({ ...choices, perQuery: path("new") })).toThrow(/new: its ending must be \.csv/);
  expect(() => requireLists({ ...choices, out: path("new.csv"), perQuery: join(folder, ".", "new.csv") })).toThrow(
    /new\.csv: is named by both --out and --per-query; name two files/,
  );
});
