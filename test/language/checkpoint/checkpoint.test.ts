import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readCheckpoint } from "../../../lib/language/checkpoint/checkpoint";
import { hiddenStates, tokenLogits } from "../../../lib/language/decoder/decoder";
import { importedTokenizer } from "../../../lib/language/tokens/imported-tokenizer";
import { parseTokenizer } from "../../../lib/language/tokens/tokenizer-file";
import { toTensors } from "../../../lib/nn/weights";
import { tf } from "../../../lib/tf/tensorflow";
import { temporaryFolder } from "../../temporary-folder";

interface Golden {
  readonly texts: readonly string[];
  readonly tokens: readonly (readonly number[])[];
  readonly models: Readonly<
    Record<
      "neox" | "llama" | "llama-tied",
      {
        readonly logits: readonly number[];
        readonly encoded: readonly (readonly number[])[];
        readonly decoded: readonly string[];
      }
    >
  >;
}
type Name = keyof Golden["models"];

const golden = JSON.parse(readFileSync(join(__dirname, "checkpoint.golden.json"), "utf8")) as Golden;
const names = Object.keys(golden.models) as readonly Name[];
const folderOf = (name: Name): string => join(__dirname, name);

/** A copy of a checkpoint, of which a text file is changed. */
function changed(name: Name, file: string, change: (text: string) => string): string {
  const folder = join(temporaryFolder(), name);
  cpSync(folderOf(name), folder, { recursive: true });
  const path = join(folder, file);
  writeFileSync(path, change(readFileSync(path, "utf8")));
  return folder;
}

/** The same with other members of config.json. */
function configured(name: Name, members: Readonly<Record<string, unknown>>): string {
  return changed(name, "config.json", (text) => JSON.stringify({ ...JSON.parse(text), ...members }));
}

describe.each(names)("the checkpoint %s", (name) => {
  test("has the logits that transformers computes", async () => {
    const { sizes, weights } = await readCheckpoint(folderOf(name));
    const before = tf.memory().numTensors;
    const tensors = toTensors(weights);
    const logits = tf.tidy(() => {
      const tokens = tf.tensor2d(
        golden.tokens.map((each) => [...each]),
        undefined,
        "int32",
      );
      const pass = { sizes, weights: tensors };
      return tokenLogits(pass, hiddenStates(pass, tokens)).arraySync() as number[][];
    });
    tf.dispose({ ...tensors });
    expect(tf.memory().numTensors).toBe(before);
    const found = logits.flatMap((row) => row.filter((_, token) => token % 7 === 0));
    const expected = golden.models[name].logits;
    expect(found).toHaveLength(expected.length);
    expect(Math.max(...expected.map((value, i) => Math.abs(value - (found[i] ?? Number.NaN))))).toBeLessThan(1e-4);
  });

  test("has the tokens of the library tokenizers, and its texts again", async () => {
    const { sizes, tokenizer } = await readCheckpoint(folderOf(name));
    const { text, begin, end } = tokenizer;
    const { encode, decode } = importedTokenizer(parseTokenizer(text, name), { ...sizes, begin, end });
    const { encoded, decoded } = golden.models[name];
    expect(golden.texts.map((each) => [...encode(each)])).toEqual(encoded);
    expect(encoded.map((tokens) => decode(tokens))).toEqual(decoded);
    expect(decode([begin, ...encode("the river"), end])).toBe("the river");
    expect(() => decode([288])).toThrow(/token: expected a whole number from 0 to 287, got 288/);
  });
});

test("a checkpoint says what it is, read by its folder, its index or its file", async () => {
  const found = await readCheckpoint(folderOf("llama"));
  expect(found.what).toBe(
    "Llama decoder, 2 blocks of width 16, 4 heads on 2 of keys, swiglu of 24, rotary positions of 4 features, 288 tokens, untied, context 32",
  );
  expect(found.tokenizer).toMatchObject({ begin: 286, end: 287 });
  expect(await readCheckpoint(join(folderOf("llama"), "model.safetensors.index.json"))).toEqual(found);
  const started = process.cwd();
  try {
    process.chdir(folderOf("llama"));
    for (const path of [".", "model.safetensors.index.json"]) expect(await readCheckpoint(path)).toEqual(found);
  } finally {
    process.chdir(started);
  }
  const { what, sizes } = await readCheckpoint(join(folderOf("neox"), "model.safetensors"));
  expect(what).toMatch(/^GPT-NeoX decoder, 2 blocks of width 16, 2 heads, gelu of 40, rotary positions of 4 features,/);
  expect(sizes.form).toMatchObject({ parallel: true, tied: false, norm: { kind: "layer", epsilon: 1e-5 } });
});

test("config.json of earlier versions of transformers means the same", async () => {
  const old = configured("neox", { rope_parameters: undefined, rotary_pct: 0.5, rotary_emb_base: 10_000 });
  expect((await readCheckpoint(old)).sizes).toEqual((await readCheckpoint(folderOf("neox"))).sizes);
  const { rope_parameters: rope } = JSON.parse(readFileSync(join(folderOf("llama-tied"), "config.json"), "utf8"));
  const scaled = configured("llama-tied", { rope_parameters: undefined, rope_theta: 10, rope_scaling: rope });
  expect((await readCheckpoint(scaled)).sizes).toEqual((await readCheckpoint(folderOf("llama-tied"))).sizes);
  const linear = configured("llama", { rope_scaling: { type: "linear", factor: 2 }, rope_parameters: null });
  expect((await readCheckpoint(linear)).sizes.form?.rotary).toEqual({
    features: 4,
    base: 10_000,
    scaling: { kind: "linear", factor: 2 },
  });
});

describe("refused, in one line, is", () => {
  test("what does not fit, parameter by parameter", async () => {
    const wider = configured("neox", { intermediate_size: 41, num_hidden_layers: 3 });
    const refusal = await readCheckpoint(wider).catch((error: Error) => error.message);
    expect(refusal).toMatch(/model\.safetensors: is no GPT-NeoX decoder, 3 blocks .*gelu of 41/);
    expect(refusal).toContain("gpt_neox.layers.0.mlp.dense_h_to_4h.weight is 40 x 16 instead of 41 x 16");
    expect(refusal).toContain("gpt_neox.layers.1.mlp.dense_4h_to_h.weight is 16 x 40 instead of 16 x 41");
    expect(refusal).toContain("gpt_neox.layers.2.attention.query_key_value.bias is missing");
    await expect(readCheckpoint(configured("neox", { num_hidden_layers: 1 }))).rejects.toThrow(
      /gpt_neox\.layers\.1\.attention\.dense\.bias is not part of it/,
    );
    await expect(readCheckpoint(configured("neox", { model_type: "llama" }))).rejects.toThrow(
      /hidden_act: is "gelu": one of silu, swish is expected/,
    );
  });

  test.each([
    ["llama", { model_type: "gpt2" }, /config\.json, model_type: is "gpt2": one of gpt_neox, llama is expected/],
    ["llama", { hidden_size: "16" }, /hidden_size: is "16": a whole number from 1/],
    ["llama", { num_attention_heads: 3 }, /hidden_size: is 16: a multiple of the 3 heads is expected/],
    ["llama", { head_dim: 8 }, /head_dim: is 8: 4, hidden_size by heads, is expected/],
    ["llama", { num_key_value_heads: 3 }, /num_key_value_heads: is 3: a divisor of the 4 heads/],
    ["llama", { num_hidden_layers: 1e9 }, /num_hidden_layers: is 1000000000: a whole number from 1 to 1000/],
    ["llama", { eos_token_id: null }, /eos_token_id: is missing: the token that ends a text is expected/],
    ["llama", { rms_norm_eps: 0 }, /rms_norm_eps: is 0: a number above 0/],
    ["llama", { attention_bias: "no" }, /attention_bias: is "no": true or false/],
    [
      "llama",
      { rope_parameters: { rope_type: "yarn" } },
      /rope_parameters\.rope_type: is "yarn": one of default, linear/,
    ],
    ["llama", { rope_parameters: 3 }, /rope_parameters: is 3: an object is expected/],
    ["neox", { rope_parameters: { partial_rotary_factor: 0.4 } }, /partial_rotary_factor: is 0.4: a share that turns/],
    ["neox", { vocab_size: 284 }, /tokenizer\.json: number of the token " {2}": expected less than the weights' 284/],
    ["neox", { eos_token_id: 288 }, /tokenizer\.json: number of the token "end": .*288.*belongs to the weights/],
  ] as const)("of %s, %j", async (name, members, message) => {
    await expect(readCheckpoint(configured(name, members))).rejects.toThrow(message);
  });

  test("a folder that lacks a file, and an index that leaves it", async () => {
    const without = (name: Name, file: string): string => {
      const folder = changed(name, file, (text) => text);
      rmSync(join(folder, file));
      return folder;
    };
    await expect(readCheckpoint(without("neox", "config.json"))).rejects.toThrow(/neox: has no config\.json; save/);
    await expect(readCheckpoint(without("neox", "tokenizer.json"))).rejects.toThrow(/has no tokenizer\.json/);
    await expect(readCheckpoint(without("neox", "model.safetensors"))).rejects.toThrow(
      /has neither model\.safetensors nor/,
    );
    await expect(readCheckpoint(without("llama", "model-00002-of-00003.safetensors"))).rejects.toThrow(
      /there is no such/,
    );
    await expect(readCheckpoint(join(temporaryFolder(), "nowhere"))).rejects.toThrow(/nowhere: there is no such file/);
    const outside = changed("llama", "model.safetensors.index.json", (text) => text.replaceAll("model-", "../model-"));
    await expect(readCheckpoint(outside)).rejects.toThrow(/index\.json: names "\.\.\/model-0000.*a \.safetensors file/);
    const listless = changed("llama", "model.safetensors.index.json", () => "{}");
    await expect(readCheckpoint(listless)).rejects.toThrow(/index\.json: has no object "weight_map"/);
    const text = changed("neox", "config.json", () => "[]");
    await expect(readCheckpoint(text)).rejects.toThrow(/config\.json: is not a JSON object/);
  });
});
