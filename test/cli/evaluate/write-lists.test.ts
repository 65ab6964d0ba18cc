import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { requireLists } from "../../../lib/cli/evaluate/write-lists";
import { projectRoot } from "../../../lib/core/paths";
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

it("lists of many queries are written in little more memory than they take in the file", () => {
  const out = join(temporaryFolder(), "lists.csv");
  const module = join(projectRoot(), "lib", "dist", "cli", "evaluate", "write-lists.js");
  const program = `
    const { writeLists } = require(process.argv[1]);
    const [k, queries] = [1000, 2000];
    const list = {
      items: Int32Array.from({ length: k }, (_, i) => i),
      distances: Float64Array.from({ length: k }, (_, i) => i),
      hits: new Uint8Array(k),
    };
    writeLists({ ranking: { lists: Array.from({ length: queries }, () => list) } }, { out: process.argv[2] });`;
  const { status, stderr } = spawnSync(process.execPath, ["--max-old-space-size=64", "-e", program, module, out], {
    encoding: "utf8",
  });
  expect(stderr).toBe("");
  expect(status).toBe(0);
  const lines = readFileSync(out, "utf8").split("\n");
  expect(lines).toHaveLength(2_000_002);
  expect([lines[0], lines[1], lines.at(-2)]).toEqual([
    "query,rank,item,distance,relevant",
    "0,1,0,0,0",
    "1999,1000,999,999,0",
  ]);
});
