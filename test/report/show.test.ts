import { createRequire } from "node:module";
import { afterEach, describe, expect, it, vi } from "vitest";
import { tableFigure } from "../../lib/report/figures/table";
import { show } from "../../lib/report/show";
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
