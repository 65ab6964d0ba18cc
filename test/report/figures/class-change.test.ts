import { describe, expect, it } from "vitest";
import { random } from "../../../lib/core/random";
import { classChangeFigure } from "../../../lib/report/figures/class-change";

const stream = random(0, "class changes");
const changes = Array.from({ length: 30 }, (_, index) => ({
  name: `alphabet/<${String(index).padStart(2, "0")}>`,
  before: Math.round(stream.uniform(0, 100)),
  after: Math.round(stream.uniform(0, 100)),
}));

/** The classes drawn, from the top. */
function drawn(...options: Parameters<typeof classChangeFigure>): typeof changes {
  const { layout } = classChangeFigure(...options);
  const labels = layout.yaxis?.ticktext ?? [];
  return labels.flatMap((label) => changes.filter(({ name }) => labelOf(name) === label));
}

function labelOf(name: string): string {
  return name.replace("/<", " &lt;").replace(">", "&gt;");
}

describe("the classes of a figure", () => {
  it("leave out only those that change no more, and go from the largest rise to the largest fall", () => {
    const chosen = drawn(changes, 8);
    const size = ({ before, after }: (typeof changes)[number]): number => Math.abs(after - before);
    const left = changes.filter((change) => !chosen.includes(change));
    expect([chosen.length, left.length]).toEqual([8, 22]);
    expect(Math.min(...chosen.map(size))).toBeGreaterThanOrEqual(Math.max(...left.map(size)));
    const steps = chosen.map(({ before, after }) => after - before);
    expect(steps).toEqual([...steps].sort((a, b) => b - a));
    expect(drawn([...changes].reverse(), 8)).toEqual(chosen);
    expect(drawn(changes, 99)).toHaveLength(30);
  });

  it.each([0, -1, 1.5])("are refused if there are to be %d", (count) => {
    expect(() => classChangeFigure(changes, count)).toThrow(new RegExp(`at least 1, got ${count}`));
  });
});

describe("classChangeFigure", () => {
  const { data, layout } = classChangeFigure(changes, 8, { beforeTitle: "old / old", afterTitle: "new / h(old)" });
  const shown = drawn(changes, 8);

  it("draws each class once before and once after, risen apart from fallen, joined by a line", () => {
    const [before, risen, fallen] = data.slice(8);
    expect(before?.x).toEqual(shown.map((change) => change.before));
    expect(shown.map((_, index) => risen?.x[index] ?? fallen?.x[index])).toEqual(shown.map(({ after }) => after));
    expect(risen?.x.every((after, index) => after === null || after >= (before?.x[index] ?? 0))).toBe(true);
    expect(fallen?.x.every((after, index) => after === null || after < (before?.x[index] ?? 0))).toBe(true);
    expect(data.slice(0, 8).map(({ x }) => x)).toEqual(shown.map((change) => [change.before, change.after]));
    expect([before, risen, fallen].map((trace) => trace?.name)).toEqual([
      "old / old",
      "new / h(old), risen or equal",
      "new / h(old), fallen",
    ]);
  });

  it("says nothing of falls where no class has fallen, and how many queries a class has", () => {
    const rises = changes.map(({ name, before }) => ({ name, before, after: 100, queries: 6 }));
    const figure = classChangeFigure(rises, 4);
    expect(figure.data.slice(4).map(({ name }) => name)).toEqual(["before", "after, risen or equal"]);
    expect(figure.layout.meta?.alt).toContain("6 queries a class, so steps of 16.7 points");
  });

  it("names the classes, markup taken literally, and the unit", () => {
    expect(layout.yaxis?.ticktext).toHaveLength(8);
    expect(layout.yaxis?.ticktext).toEqual(shown.map(({ name }) => labelOf(name)));
    expect(layout.xaxis?.title?.text).toBe("top-1 (% of the class's queries)");
    expect(layout.title?.text).toContain("8 of 30 classes");
  });
});
