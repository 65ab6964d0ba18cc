import { describe, expect, it } from "vitest";
import { onOwnImages } from "../../lib/experiments/on-own-images";
import { committedIn } from "../../lib/experiments/stored-result";
import { atPrecision } from "../../lib/experiments/table";
import { fingerprintOf, requestsOf, resultSource } from "../../lib/experiments/table-work";
import { mainTable } from "../../lib/tables/main";
import { sequenceTable } from "../../lib/tables/sequence";
import { tables } from "../../lib/tables/tables";
import { pictures } from "./pictures";

const quiet = () => {};
const images = async (changed = 0) => ({ path: await pictures(changed), side: 32, disjoint: false });

describe("the main table on own images", () => {
  it("is a table of its own, named by the folder and what is in it, with the same rows", async () => {
    const table = await onOwnImages(mainTable, await images(), quiet);
    expect(table.id).toMatch(/^main-on-my-birds-[0-9a-f]{8}$/);
    expect(table.title).toBe(`${mainTable.title}, on the images of My Birds`);
    expect(Object.values(table.scales).map(({ dataset }) => dataset)).toEqual(
      Array.from({ length: 2 }, () => "My Birds, 2 -> 5 classes, 10 training and 10 test images, 32 x 32 pixels"),
    );
    const rows = table.rows("quick", 3);
    expect(rows.map(({ id }) => id)).toEqual(mainTable.rows("quick", 0).map(({ id }) => id));
    expect(rows.flatMap(({ reported }) => reported)).toEqual([]);
    expect(new Set(rows.map(({ dataset }) => dataset.name))).toEqual(new Set(["folder"]));
    expect(requestsOf(table, { scale: "quick", seeds: 1 })).toHaveLength(rows.length + 1);
    expect(rows.flatMap(({ measurements = [] }) => measurements)).toEqual([]);
    expect(atPrecision(table, "bfloat16").id).toBe(`${table.id}-bfloat16`);
  });

  it("never is, nor overwrites, nor is taken for a declared one", async () => {
    const table = await onOwnImages(mainTable, await images(), quiet);
    expect(tables.map(({ id }) => id)).not.toContain(table.id);
    const run = { scale: "quick", seeds: null, compute: false, force: false, extend: false } as const;
    const choices = { ...run, table: null, precision: "float32", images: null, progress: "log" } as const;
    expect(committedIn(resultSource(mainTable), choices)).not.toBeNull();
    expect(committedIn(resultSource(table), choices)).toBeNull();
    expect(fingerprintOf(table, "quick", [0])).not.toBe(fingerprintOf(mainTable, "quick", [0]));
  });

  it("has other keys, and another name, if a byte of an image differs", async () => {
    const [one, other] = [
      await onOwnImages(mainTable, await images(), quiet),
      await onOwnImages(mainTable, await images(9), quiet),
    ];
    expect(one.id).not.toBe(other.id);
    const keys = (table: typeof one) => requestsOf(table, { scale: "quick", seeds: 1 }).map(({ key }) => key);
    expect(keys(one).filter((key) => keys(other).includes(key))).toEqual([]);
  });

  it("is the table itself without images, and refuses a table that is tied to its own", async () => {
    expect(await onOwnImages(mainTable, null)).toBe(mainTable);
    await expect(onOwnImages(sequenceTable, await images())).rejects.toThrow("expected main, got sequence");
    await expect(onOwnImages(mainTable, { ...(await images()), side: 40 })).rejects.toThrow("a multiple of 16, got 40");
  });
});
