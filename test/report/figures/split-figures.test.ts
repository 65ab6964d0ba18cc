import { describe, expect, it } from "vitest";
import { matrix } from "../../../lib/core/matrix";
import { random } from "../../../lib/core/random";
import { shapes } from "../../../lib/data/readers/shapes";
import type { ImageSplit } from "../../../lib/data/splits/dataset";
import { embeddingFigure } from "../../../lib/report/figures/embedding";
import { examplesFigure, retrievalFigure } from "../../../lib/report/figures/images";
import type { Figure } from "../../../lib/report/plot/figure";

const split: ImageSplit = shapes({ side: 16, perClass: 2, seed: 3 }).test;
const classOf = (index: number): string => split.classNames[split.labels[index] ?? -1] ?? "";

function captions({ layout }: Figure): readonly string[] {
  return (layout.annotations ?? []).map(({ text }) => text.replaceAll("<br>", " "));
}

describe("examplesFigure", () => {
  it("shows the first image of every class, a row a group", async () => {
    const figure = await examplesFigure(split);
    expect(figure.layout.images).toHaveLength(36);
    expect(new Set(figure.layout.images?.map(({ source }) => source)).size).toBe(36);
    expect(new Set(figure.layout.images?.map(({ y }) => y)).size).toBe(6);
    expect(captions(figure)).toEqual([
      ...["circle", "cross", "ring", "square", "star", "triangle"],
      ...["blue", "green", "orange", "purple", "red", "yellow"],
    ]);
  });
});

describe("retrievalFigure", () => {
  it("shows the query first, then what was found, right where the class is the query's", async () => {
    const searches = [
      { label: "first", found: [5, 4] },
      { label: "second", found: Int32Array.of(0, 5) },
    ];
    const figure = await retrievalFigure(searches, { split, query: 4 });
    expect([4, 5, 0].map(classOf)).toEqual(["blue/ring", "blue/ring", "blue/circle"]);
    expect(captions(figure)).toEqual([
      ...["blue ring", "✓ blue ring", "✓ blue ring"],
      ...["blue ring", "✗ blue circle", "✓ blue ring"],
      ...["first", "second"],
    ]);
  });
});

describe("images of people", () => {
  const hidden: ImageSplit = {
    ...split,
    shown: false,
    pixels: () => Promise.reject(new Error("an image was asked for")),
  };

  it("are in no figure: one plain tile stands for each, and the title says why", async () => {
    const figures = [
      await examplesFigure(hidden),
      await retrievalFigure([{ label: "a", found: [5, 0] }], { split: hidden, query: 4 }),
    ];
    for (const { layout } of figures) {
      expect(new Set(layout.images?.map(({ source }) => source)).size).toBe(1);
      expect(JSON.stringify(layout)).toContain("images of people are not shown");
    }
    expect(figures.map(({ layout }) => layout.images?.length)).toEqual([36, 3]);
    expect(figures.flatMap(captions)).toContain("✗ blue circle");
  });
});

it("captions break long class names between their words", async () => {
  const classNames = split.classNames.map((name, index) => (index === 0 ? "Japanese_(katakana)/character12" : name));
  const figure = await retrievalFigure([{ label: "", found: [0] }], { split: { ...split, classNames }, query: 0 });
  expect(figure.layout.annotations?.[0]?.text).toBe("Japanese<br>(katakana)<br>character12");
});

describe("embeddingFigure", () => {
  const stream = random(0, "embeddings");
  const embeddings = matrix(
    72,
    3,
    Float32Array.from({ length: 72 * 3 }, () => stream.uniform(-1, 1)),
  );
  const classes = ["blue/ring", "red/star"];

  it("draws the items of the classes, coloured by group, with a symbol a kind, in every panel", () => {
    const figure = embeddingFigure(
      [
        { name: "one", embeddings },
        {
          name: "two",
          embeddings: matrix(
            72,
            3,
            embeddings.data.map((value) => -value),
          ),
        },
      ],
      { split, classes },
    );
    const drawn = figure.data.filter(({ showlegend }) => showlegend === false);
    expect(drawn.map(({ name, xaxis, x }) => [name, xaxis, x.length])).toEqual([
      ["blue ring", "x", 2],
      ["red star", "x", 2],
      ["blue ring", "x2", 2],
      ["red star", "x2", 2],
    ]);
  });

  it("keeps the distances between items that span a plane, and sees others along the plane that is named", () => {
    const flat = matrix(
      72,
      3,
      embeddings.data.map((value, i) => (i % 3 === 1 ? 7 : value)),
    );
    const raised = matrix(
      72,
      3,
      flat.data.map((value, i) => (i % 3 === 1 ? value * i : value)),
    );
    const [own, seen] = [
      { name: "own", embeddings: flat },
      { name: "seen", embeddings: raised, along: flat },
    ].map((panel) => embeddingFigure([panel], { split, classes: ["blue/ring"] }).data[0]);
    const apart = (from: number, to: number): number =>
      Math.hypot(...[0, 2].map((c) => (flat.data[from * 3 + c] ?? 0) - (flat.data[to * 3 + c] ?? 0)));
    const [x0, x1] = own?.x ?? [];
    const [y0, y1] = own?.y ?? [];
    expect(Math.hypot(Number(x0) - Number(x1), Number(y0) - Number(y1))).toBeCloseTo(apart(4, 5), 5);
    expect(seen?.x).toEqual(own?.x);
  });

  it("gives classes that do not cross a colour and a symbol each, named once and in full", () => {
    const classNames = Array.from(
      { length: 12 },
      (_, index) => `Alphabet_of_a_long_name_${index % 9}/character0${index}`,
    );
    const labels = Int32Array.from({ length: 72 }, (_, index) => index % 12);
    const { data } = embeddingFigure([{ name: "one", embeddings }], {
      split: { labels, classNames },
      classes: classNames,
    });
    const drawn = data.filter(({ showlegend }) => showlegend === false);
    const look = (trace: Figure["data"][number]): string =>
      trace.type === "scatter" ? `${trace.marker?.color} ${trace.marker?.symbol}` : "";
    expect(drawn.map(({ x }) => x.length)).toEqual(Array(12).fill(6));
    expect(new Set(drawn.map(look)).size).toBe(12);
    const entries = data.filter(({ showlegend }) => showlegend !== false);
    expect(entries.map((entry) => [entry.name, look(entry)])).toEqual(drawn.map((trace) => [trace.name, look(trace)]));
    expect(entries[3]?.name).toBe("Alphabet of a long name 3 character03");
  });

  it("refuses a class that does not exist", () => {
    const panels = [{ name: "one", embeddings }];
    expect(() => embeddingFigure(panels, { split, classes: ["pink/ring"] })).toThrow(
      /class: expected one of blue\/.*, got pink\/ring/,
    );
  });
});
