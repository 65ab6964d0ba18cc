import { describe, expect, it } from "vitest";
import { random } from "../../../lib/core/random";
import { classChangeFigure, mostChanged } from "../../../lib/report/figures/class-change";

const stream = random(0, "class changes");
const changes = Array.from({ length: 30 }, (_, index) => ({
  name: `alphabet/<${String(index).padStart(2, "0")}>`,
  before: Math.round(stream.uniform(0, 100)),
  after: Math.round(stream.uniform(0, 100)),
}));

describe("mostChanged", () => {
  it("leaves out only classes that change no more, from the largest rise to the largest fall", () => {
    const chosen = mostChanged(changes, 8);
    const size = (name: string): number => {
      const change = changes.find((each) => each.name === name);
      return Math.abs((change?.after ?? 0) - (change?.before ?? 0));
    };
    const names = chosen.map(({ name }) => name);
    const left = changes.map(({ name }) => name).filter((name) => !names.includes(name));
    expect(Math.min(...names.map(size))).toBeGreaterThanOrEqual(Math.max(...left.map(size)));
    const steps = chosen.map(({ before, after }) => after - before);
    expect(steps).toEqual([...steps].sort((a, b) => b - a));
    expect(mostChanged([...changes].reverse(), 8)).toEqual(chosen);
    expect(mostChanged(changes, 99)).toHaveLength(30);
  });

  it.each([0, -1, 1.5])("refuses %d classes", (count) => {
    expect(() => mostChanged(changes, count)).toThrow(`${count} classes: a whole number from 1 is allowed`);
  });
});

describe("classChangeFigure", () => {
  const { data, layout } = classChangeFigure(changes, 8, { beforeTitle: "old / old", afterTitle: "new / h(old)" });
  const shown = mostChanged(changes, 8);

  it("draws each class once before and once after, risen apart from fallen, joined by a line", () => {
    const [before, risen, fallen] = data.slice(8);
    expect(before?.x).toEqual(shown.map((change) => change.before));
    expect(shown.map((_, index) => risen?.x[index] ?? fallen?.x[index])).toEqual(shown.map(({ after }) => after));
    expect(risen?.x.every((after, index) => after === null || after >= (before?.x[index] ?? 0))).toBe(true);
    expect(fallen?.x.every((after, index) => after === null || after < (before?.x[index] ?? 0))).toBe(true);
    expect(data.slice(0, 8).map(({ x }) => x)).toEqual(shown.map((change) => [change.before, change.after]));
    expect([before, risen, fallen].map((trace) => trace?.name)).toEqual([
      "old / old",
      "new / h(old), risen",
      "new / h(old), fallen",
    ]);
  });

  it("names the classes, markup taken literally, and the unit", () => {
    expect(layout.yaxis?.ticktext).toEqual(shown.map(({ name }) => name.replace("/<", " &lt;").replace(">", "&gt;")));
    expect(layout.xaxis?.title?.text).toBe("top-1 (% of the class's queries)");
    expect(layout.title?.text).toContain("8 of 30 classes");
  });
});
