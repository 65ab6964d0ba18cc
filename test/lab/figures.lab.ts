import { describe, expect, it } from "vitest";
import { labAndBrowser, type Tab } from "./browser";

const { lab, open } = labAndBrowser();

interface Look {
  readonly width: number;
  readonly pictures: number;
  readonly dragLayers: number;
}

/** The figures in sight: their width, and whether they are drawn rather than pictures. */
async function looks(tab: Tab): Promise<readonly Look[]> {
  const found = await tab.page.evaluate(`[...document.querySelectorAll(".jp-RenderedPlotly")].map((figure) => ({
    width: figure.querySelector(".main-svg")?.getBoundingClientRect().width ?? 0,
    pictures: [...figure.querySelectorAll(".plot-img")].filter(({ offsetWidth }) => offsetWidth > 0).length,
    dragLayers: figure.querySelectorAll(".draglayer .nsewdrag").length,
  }))`);
  return found as readonly Look[];
}

/** The widths that a notebook's figures name in their layouts. */
function widthsIn(notebook: Buffer): readonly number[] {
  const { cells }: { readonly cells: readonly { readonly outputs?: readonly Output[] }[] } = JSON.parse(`${notebook}`);
  const outputs = cells.flatMap((cell) => cell.outputs ?? []);
  return outputs.flatMap(({ data }) => data?.["application/vnd.plotly.v1+json"]?.layout.width ?? []);
}

interface Output {
  readonly data?: { readonly "application/vnd.plotly.v1+json"?: { readonly layout: { readonly width: number } } };
}

async function hover(tab: Tab): Promise<void> {
  const figure = tab.page.locator(".jp-RenderedPlotly .nsewdrag").first();
  await figure.scrollIntoViewIfNeeded();
  const box = await figure.boundingBox();
  if (box === null) throw new Error("no figure to hover over");
  for (let step = 0; step < 8; step++) await tab.page.mouse.move(box.x + 5 + 12 * step, box.y + 5 + 12 * step);
  await new Promise((resolve) => setTimeout(resolve, 2000));
}

describe.each(["01-main", "07-backfill"])("the figures of %s", (name) => {
  it("have their size, are interactive at once, and looking at them changes nothing in the file", async () => {
    lab().copy(name);
    const before = lab().bytesOf(name);
    const tab = await open(name);
    await tab.page.locator(".jp-RenderedPlotly").first().scrollIntoViewIfNeeded();
    await expect
      .poll(async () => (await looks(tab)).some(({ dragLayers }) => dragLayers > 0), { timeout: 60_000 })
      .toBe(true);
    await new Promise((resolve) => setTimeout(resolve, 1000));
    const seen = (await looks(tab)).filter(({ width }) => width > 0);
    expect(seen.length).toBeGreaterThan(0);
    const widths = widthsIn(before);
    expect(widths).not.toEqual([]);
    for (const { width, pictures } of seen) {
      expect(widths).toContain(width);
      expect(pictures).toBe(0);
    }
    await hover(tab);
    await tab.save();
    expect(lab().bytesOf(name).equals(before)).toBe(true);
    expect(tab.errors).toEqual([]);
    await tab.page.close();
  });
});

it("a figure of one's own has its size, and is saved with a picture of that size", async () => {
  lab().write("own", [
    'import { show } from "../lib";',
    'const x = Float32Array.of(1, 2, 2, 3);\nawait show({ data: [{ type: "histogram", x }], layout: { title: "Values" } });',
  ]);
  const tab = await open("own");
  await tab.run(0);
  await tab.run(1);
  await expect.poll(() => looks(tab), { timeout: 60_000 }).toEqual([{ width: 760, pictures: 0, dragLayers: 1 }]);
  await hover(tab);
  await tab.save();
  const [, cell] = JSON.parse(lab().bytesOf("own").toString()).cells;
  const { data, metadata } = cell.outputs[0];
  const png = Buffer.from([data["image/png"]].flat().join(""), "base64");
  expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([1520, 900]);
  expect(metadata["image/png"]).toEqual({ width: 760, height: 450 });
  await tab.page.close();
});
