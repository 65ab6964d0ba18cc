import { createRequire } from "node:module";
import { afterEach, describe, expect, it, vi } from "vitest";
import { tableFigure } from "../../lib/report/figures/table";
import { show } from "../../lib/report/show";
import { frameLines, resultFrame } from "../../lib/report/text/frame";
import { shownText } from "../../lib/report/text/text";
import { madeUpResult } from "./made-up-result";

const frame = { columns: ["name", "value"], values: [["a", 1]] };
const { cache, resolve } = createRequire(__filename);
const kernelPath = resolve("tslab/dist/jupyter.js");

afterEach(() => {
  delete cache[kernelPath];
  vi.restoreAllMocks();
});

describe("show", () => {
  it("prints the plain form in a terminal, without drawing", async () => {
    const log = vi.spyOn(console, "log").mockImplementation(() => undefined);
    await show(frame);
    await show(tableFigure(madeUpResult));
    await show("**text**");
    expect(log.mock.calls).toEqual([
      ["name  value\n----  -----\na         1"],
      [expect.stringContaining("[figure: Top-1 accuracy Set C, 5 → 10 invented classes")],
      ["**text**"],
    ]);
  });

  it("takes any plotly figure, with a size of its own and titles as text", async () => {
    const write = vi.fn();
    cache[kernelPath] = { exports: { lastWriteDisplayData: write } } as unknown as NodeJS.Module;
    await show({
      data: [{ type: "histogram", x: Float32Array.of(1, 2, 2.5), customdata: [{ title: "mine" }] }],
      layout: { title: "Values", xaxis: { title: "value" }, height: 200 },
    });
    const { data, metadata } = write.mock.calls[0]?.[0] ?? {};
    expect(data["application/vnd.plotly.v1+json"]).toMatchObject({
      data: [{ type: "histogram", x: [1, 2, 2.5], customdata: [{ title: "mine" }] }],
      layout: { title: { text: "Values" }, xaxis: { title: { text: "value" } }, width: 760, height: 200 },
    });
    expect(metadata["image/png"]).toEqual({ width: 760, height: 200 });
    expect(data["text/plain"]).toBe("[figure: Values]");
    await show({ data: [{ type: "pie", values: [1, 2] }] });
    expect(write.mock.calls[1]?.[0].metadata["image/png"]).toEqual({ width: 760, height: 450 });
  });

  it("leaves a figure of the library as it is, member by member", async () => {
    const write = vi.fn();
    cache[kernelPath] = { exports: { lastWriteDisplayData: write } } as unknown as NodeJS.Module;
    const { data, layout } = tableFigure(madeUpResult);
    await show({ data, layout });
    const shown = write.mock.calls[0]?.[0].data["application/vnd.plotly.v1+json"];
    expect(JSON.stringify(shown)).toBe(JSON.stringify({ data, layout, config: { displaylogo: false } }));
  });

  it("prints a result as its table and then its figure", async () => {
    const log = vi.spyOn(console, "log").mockImplementation(() => undefined);
    await show(madeUpResult);
    const { title } = tableFigure(madeUpResult).layout;
    expect(log.mock.calls).toEqual([
      [frameLines(resultFrame(madeUpResult))],
      [`[figure: ${shownText(title?.text ?? "")}]`],
    ]);
  });

  it("publishes one output with every form in a kernel", async () => {
    const write = vi.fn();
    cache[kernelPath] = { exports: { lastWriteDisplayData: write } } as unknown as NodeJS.Module;
    await show(frame);
    await show(Uint8Array.of(1, 2, 3));
    expect(write.mock.calls.map(([output]) => Object.keys(output.data))).toEqual([
      ["text/html", "text/plain"],
      ["image/png", "text/plain"],
    ]);
    expect(write.mock.calls[1]?.[0].data["image/png"]).toBe("AQID");
    expect(write.mock.calls[0]?.[0].transient).toEqual({});
  });
});
