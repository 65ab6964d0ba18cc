import { setImmediate, setTimeout } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { loadAhead } from "../../lib/core/load-ahead";
import { random } from "../../lib/core/random";

const items = [0, 1, 2, 3, 4, 5, 6];

/** A load that takes a random number of turns of the event loop, with a record of what began and what is under way. */
function slowLoad(failing = -1) {
  const record = { begun: [] as number[], underWay: 0, most: 0 };
  const turns = random(1, "turns");
  const load = async (item: number): Promise<string> => {
    record.begun.push(item);
    record.most = Math.max(record.most, ++record.underWay);
    for (let i = turns.fork(item).integer(8); i >= 0; i--) await setImmediate();
    record.underWay--;
    if (item === failing) throw new Error(`item ${item} is broken`);
    return `item ${item}`;
  };
  return { record, load };
}

async function all(loaded: AsyncIterable<string>): Promise<string[]> {
  const values: string[] = [];
  for await (const value of loaded) values.push(value);
  return values;
}

describe("loadAhead", () => {
  it.each([0, 1, 2, 5, 20])("gives the values in order, loading %i ahead", async (ahead) => {
    const { record, load } = slowLoad();
    expect(await all(loadAhead(items, load, ahead))).toEqual(items.map((item) => `item ${item}`));
    expect(record.begun).toEqual(items);
    expect(record.most).toBeLessThanOrEqual(ahead + 1);
    expect(record.underWay).toBe(0);
  });

  it("has asked for the next ones while one is in use, even if the loop never lets go of the thread", async () => {
    const { record, load } = slowLoad();
    const loaded = loadAhead(items, load, 2);
    for (const used of [0, 1, 2, 3, 4]) {
      await loaded.next();
      expect(record.begun).toEqual(items.slice(0, used + 3));
    }
    await loaded.return();
  });

  it("throws an error at its item's turn, and begins nothing more", async () => {
    const { record, load } = slowLoad(2);
    const loaded = loadAhead(items, load, 2);
    expect((await loaded.next()).value).toBe("item 0");
    await setTimeout(5);
    expect((await loaded.next()).value).toBe("item 1");
    await expect(loaded.next()).rejects.toThrow("item 2 is broken");
    expect(record).toMatchObject({ begun: [0, 1, 2, 3, 4], underWay: 0 });
    expect((await loaded.next()).done).toBe(true);
  });

  it("leaves nothing under way where the loop is left, whatever becomes of what was begun", async () => {
    const { record, load } = slowLoad(2);
    for await (const value of loadAhead(items, load, 3)) if (value === "item 1") break;
    expect(record).toMatchObject({ begun: [0, 1, 2, 3, 4], underWay: 0 });
  });

  it.each([-1, 0.5, Number.NaN])("refuses to load %f ahead", async (ahead) => {
    await expect(loadAhead(items, slowLoad().load, ahead).next()).rejects.toThrow(
      new RegExp(`^items ahead: .*at least 0, got ${ahead}$`),
    );
  });
});
