import { copyFileSync, cpSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { importFile } from "../../../lib/cli/exchange/import-file";
import { graphOf, type Request } from "../../../lib/core/artifacts/step";
import { type Artifact, writeArtifact } from "../../../lib/core/artifacts/store";
import { projectRoot } from "../../../lib/core/paths";
import { importedLanguageModel } from "../../../lib/experiments/language/imported-language-model";
import type {
  AdaptedModel,
  CompatibleAdapter,
  ImportedBase,
  TaskAdapter,
} from "../../../lib/experiments/language/language-model";
import { answersOf } from "../../../lib/experiments/language/language-steps";
import { answersIn } from "../../../lib/experiments/language/sample-scores";
import { tf } from "../../../lib/tf/tensorflow";
import { temporaryFolder } from "../../temporary-folder";
import { toyContext } from "../../training/shapes-toy";
import { muscle, next as ownNext, recipe } from "./tiny-updates";

const checkpoints = join(projectRoot(), "test", "language", "checkpoint");

async function imported(name: string): Promise<ImportedBase> {
  const out = join(temporaryFolder(), `${name}.safetensors`);
  await importFile(join(checkpoints, name), { as: "language-model", out });
  return importedLanguageModel(out);
}

// 16 of 20 samples are learned: two steps of 8.
const task = { kind: "subjectivity", train: 20, test: 6 } as const;
const adapter = (base: ImportedBase): TaskAdapter => ({ kind: "task-adapter", base, task, recipe });
const updated = (old: TaskAdapter, next: TaskAdapter): CompatibleAdapter => ({ ...muscle, old, next });

/** The artifacts of all that a model's answers need. */
async function made(model: AdaptedModel): Promise<ReadonlyMap<string, Artifact>> {
  const artifacts = new Map<string, Artifact>();
  for (const each of graphOf([answersOf(model)])) {
    const inputs = each.inputs.map(({ key }) => artifacts.get(key) as Artifact);
    artifacts.set(each.key, await each.run(inputs, toyContext()));
  }
  return artifacts;
}

describe("an imported language model", () => {
  test.each(["neox", "llama"])("as %s is the base of adapters, which learn and answer", async (name) => {
    const model = adapter(await imported(name));
    const before = tf.memory().numTensors;
    const artifacts = await made(model);
    const request = answersOf(model);
    const [base, trained] = request.inputs.map(({ key }: Request) => artifacts.get(key) as Artifact);
    const { losses, epochs } = trained?.facts ?? {};
    expect([losses, epochs]).toEqual([[expect.any(Number)], 1]);
    const layers = name === "llama" ? 7 : 6;
    const changed = Object.entries(trained?.arrays ?? {}).filter(
      ([part, { data }]) => part.endsWith(".up") && data.some((value) => value !== 0),
    );
    expect(changed).toHaveLength(2 * layers);
    expect(Object.keys(base?.arrays ?? {})).toContain("unembedding");
    const { answers, right, cut } = answersIn(artifacts.get(request.key) as Artifact);
    expect([answers.length, right.length, cut]).toEqual([6, 6, 6]);
    expect(tf.memory().numTensors).toBe(before);
  });

  test("is updated by MUSCLE if v1 and v2 have the same tokens, and only then", async () => {
    const [old, next] = [await imported("llama-tied"), await imported("llama")];
    const artifacts = await made(updated(adapter(old), adapter(next)));
    expect([...artifacts.values()].some(({ facts }) => "scores" in facts)).toBe(true);
    const foreign = updated(adapter(await imported("neox")), adapter(next));
    await expect(made(foreign)).rejects.toThrow(/tokenizer of v1: expected v2's, of 288 tokens.*another, of 288/);
    await expect(made(updated(ownNext, adapter(next)))).rejects.toThrow(/another, of 2048 tokens/);
  });

  test("is known by its weights", async () => {
    const model = await imported("neox");
    const { path } = model.recipe.imported;
    const other = await imported("llama");
    copyFileSync(other.recipe.imported.path, path);
    expect(answersOf(adapter(importedLanguageModel(path))).key).not.toBe(answersOf(adapter(model)).key);
    await expect(made(adapter(model))).rejects.toThrow(/neox\.safetensors: holds other weights than when/);
  });

  test.each([
    ["neox", "model.safetensors"],
    ["llama", "model-00002-of-00003.safetensors"],
  ])("of %s never replaces the weights it is read from, %s", async (name, weights) => {
    const folder = join(temporaryFolder(), name);
    cpSync(join(checkpoints, name), folder, { recursive: true });
    const out = join(folder, weights);
    const before = readFileSync(out);
    const choices = { as: "language-model", out, force: true } as const;
    await expect(importFile(folder, choices)).rejects.toThrow(`${out}: it is an input; name another file`);
    expect(readFileSync(out)).toEqual(before);
    await importFile(folder, { ...choices, out: join(folder, "own.safetensors") });
  });

  test("is what fct import says, and nothing else", async () => {
    const out = join(temporaryFolder(), "out.safetensors");
    const { what, facts, parameters } = await importFile(join(checkpoints, "llama-tied"), {
      as: "language-model",
      out,
    });
    expect(what).toMatch(/^Llama decoder, 1 block of width 8, 2 heads on 1 of keys, swiglu of 12/);
    expect(Object.keys(facts)).toEqual(["sizes"]);
    expect(parameters).toBe(288 * 8 + 3 * 8 + 2 * (8 * 8 + 8) + 2 * (8 * 4 + 4) + 2 * (8 * 12 + 12) + (12 * 8 + 8));
    const again = { as: "language-model", out, force: true, part: "x." } as const;
    await expect(importFile(join(checkpoints, "neox"), again)).rejects.toThrow(/is read whole; leave --part out/);
    writeArtifact(out, { arrays: {}, facts: { role: "backbone" } });
    expect(() => importedLanguageModel(out)).toThrow(/holds no language model .*--as language-model/);
  });
});
