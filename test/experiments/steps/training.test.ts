import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { obtain } from "../../../lib/core/artifacts/obtain";
import { graphOf } from "../../../lib/core/artifacts/step";
import { environmentOf } from "../../../lib/core/environment";
import { backbone, upgrade } from "../../../lib/experiments/model/construct";
import { embeddingOf } from "../../../lib/experiments/steps/embedding";
import { listening } from "../../../lib/experiments/steps/image-training";
import { temporaryFolder } from "../../temporary-folder";
import { toyBackbone, toyContext, toyShapes, toyTransformation } from "../../training/shapes-toy";

// Every step and network reads a value of its batch, which no graph can do.
vi.mock("../../../lib/tf/graph/runner", async (original) => {
  const { runner } = await original<typeof import("../../../lib/tf/graph/runner")>();
  const reader: typeof runner = (step, state) =>
    runner((before, batch) => {
      Object.values(batch)[0]?.dataSync();
      return step(before, batch);
    }, state);
  return { runner: reader };
});

test("the user is warned once of every piece of work that is not captured, and its record says why", async () => {
  const schedule = { learningRate: 0.05, epochs: 2, warmup: 0 };
  const [old, target] = [0, 1].map((seed) => backbone({ ...toyBackbone, schedule, seed }));
  if (!(old && target)) throw new Error("two models are needed");
  const wanted = embeddingOf(
    upgrade(old, { target, side: null, recipe: { ...toyTransformation, schedule } }),
    toyShapes,
  );
  const warnings: string[] = [];
  const folder = temporaryFolder();
  await obtain(wanted, {
    folder,
    progress: { report: () => {} },
    signal: new AbortController().signal,
    warn: (message) => warnings.push(message),
    started: () => {},
    finished: () => {},
    environment: environmentOf({ tensorflow: "2", device: "CPU" }),
  });
  const expected = graphOf([wanted]).map(({ label }) => `${label}: runs op by op, which is slower, since `);
  expect(expected).toHaveLength(7);
  expect(warnings).toEqual(expected.map((start) => expect.stringContaining(start)));
  const records = readdirSync(folder).filter((name) => name.endsWith(".json"));
  expect(records).toHaveLength(7);
  for (const name of records) expect(readFileSync(join(folder, name), "utf8")).toContain('"notCaptured"');
});

test("work at bfloat16 that is not captured is said to run in float32", () => {
  const warnings: string[] = [];
  const context = { ...toyContext(), warn: (message: string) => void warnings.push(message) };
  listening(context, { precision: "bfloat16" }).onNotCaptured?.("a value is read");
  expect(warnings).toEqual([
    "runs op by op and in float32 instead of bfloat16, which is slower, since a value is read",
  ]);
});
