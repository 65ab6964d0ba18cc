import type { NamedArray, NamedArrays } from "../../core/named-arrays";
import { decoderLayers } from "../decoder/decoder";
import type { CheckpointConfig } from "./config";

/** A parameter of a checkpoint, and what it is in this library's names and layouts. */
interface Parameter {
  readonly name: string;
  readonly shape: readonly number[];
  readonly taken: (data: Float32Array) => NamedArrays;
}

/** Weights that were not learned, which older checkpoints have beside those that were. */
const constants = /(^|\.)(attention\.(bias|masked_bias)|rotary_emb\.inv_freq)$/;

/**
 * The weights of a checkpoint in this library's names and layouts, or `wrong`: what is missing, of
 * another shape, or unknown.
 */
export function checkpointWeights(
  config: CheckpointConfig,
  arrays: NamedArrays,
): { readonly weights: NamedArrays } | { readonly wrong: readonly string[] } {
  const parameters = config.family === "GPT-NeoX" ? neoxParameters(config) : llamaParameters(config);
  const known = new Set(parameters.map(({ name }) => name));
  // The unembedding of a tied decoder is a copy of the embedding.
  const copies = config.sizes.form.tied ? ["lm_head.weight", "embed_out.weight"] : [];
  const unknown = Object.keys(arrays).filter(
    (name) => !known.has(name) && !constants.test(name) && !copies.includes(name),
  );
  const misfits = parameters.flatMap(({ name, shape }) => {
    const found = arrays[name];
    if (found === undefined) return [`${name} is missing`];
    const same = found.shape.length === shape.length && found.shape.every((length, axis) => length === shape[axis]);
    return same ? [] : [`${name} is ${found.shape.join(" x ")} instead of ${shape.join(" x ")}`];
  });
  const wrong = [...misfits, ...unknown.map((name) => `${name} is not part of it`)];
  if (wrong.length > 0) return { wrong };
  const taken = parameters.map(({ name, taken }) => taken(arrays[name]?.data as Float32Array));
  return { weights: Object.assign(zeroBiases(config), ...taken) };
}

/** Layers without biases have zeros. */
function zeroBiases({ sizes }: CheckpointConfig): Record<string, NamedArray> {
  const entries = decoderLayers(sizes).map(({ name, output }) => [`${name}.bias`, vector(new Float32Array(output))]);
  return Object.fromEntries(entries);
}

function neoxParameters({ sizes, biases }: CheckpointConfig): readonly Parameter[] {
  const { width, form } = sizes;
  const { hidden } = form.network;
  const block = (index: number): readonly Parameter[] => {
    const [from, to] = [`gpt_neox.layers.${index}`, `blocks.${index}`];
    return [
      ...layerNorm(`${from}.input_layernorm`, `${to}.norm1`, width),
      ...layerNorm(`${from}.post_attention_layernorm`, `${to}.norm2`, width),
      ...fusedQueries(`${from}.attention.query_key_value`, `${to}.attention`, { sizes, biases }),
      ...linear(`${from}.attention.dense`, `${to}.attention.output`, [width, width], biases.attention),
      ...linear(`${from}.mlp.dense_h_to_4h`, `${to}.expand`, [width, hidden], biases.network),
      ...linear(`${from}.mlp.dense_4h_to_h`, `${to}.contract`, [hidden, width], biases.network),
    ];
  };
  return [
    ...embeddings({ sizes }, "gpt_neox.embed_in.weight", "embed_out.weight"),
    ...blocksOf(sizes.depth, block),
    ...layerNorm("gpt_neox.final_layer_norm", "norm", width),
  ];
}

function llamaParameters({ sizes, biases }: CheckpointConfig): readonly Parameter[] {
  const { width, heads, form } = sizes;
  const keys = (width / heads) * form.keyHeads;
  const { hidden } = form.network;
  const block = (index: number): readonly Parameter[] => {
    const [from, to] = [`model.layers.${index}`, `blocks.${index}`];
    const attended = (part: string, own: string, output: number): readonly Parameter[] =>
      linear(`${from}.self_attn.${part}_proj`, `${to}.attention.${own}`, [width, output], biases.attention);
    return [
      ...scale(`${from}.input_layernorm`, `${to}.norm1`, width),
      ...scale(`${from}.post_attention_layernorm`, `${to}.norm2`, width),
      ...attended("q", "query", width),
      ...attended("k", "key", keys),
      ...attended("v", "value", keys),
      ...attended("o", "output", width),
      ...linear(`${from}.mlp.gate_proj`, `${to}.gate`, [width, hidden], biases.network),
      ...linear(`${from}.mlp.up_proj`, `${to}.expand`, [width, hidden], biases.network),
      ...linear(`${from}.mlp.down_proj`, `${to}.contract`, [hidden, width], biases.network),
    ];
  };
  return [
    ...embeddings({ sizes }, "model.embed_tokens.weight", "lm_head.weight"),
    ...blocksOf(sizes.depth, block),
    ...scale("model.norm", "norm", width),
  ];
}

function blocksOf(depth: number, block: (index: number) => readonly Parameter[]): readonly Parameter[] {
  return Array.from({ length: depth }, (_, index) => block(index)).flat();
}

function embeddings({ sizes }: Pick<CheckpointConfig, "sizes">, tokens: string, logits: string): readonly Parameter[] {
  const shape = [sizes.vocabulary, sizes.width];
  const table = (name: string, own: string): Parameter => ({
    name,
    shape,
    taken: (data) => ({ [own]: { shape, data } }),
  });
  return sizes.form.tied ? [table(tokens, "tokens")] : [table(tokens, "tokens"), table(logits, "unembedding")];
}

function layerNorm(name: string, own: string, width: number): readonly Parameter[] {
  const offset = {
    name: `${name}.bias`,
    shape: [width],
    taken: (data: Float32Array) => ({ [`${own}.offset`]: vector(data) }),
  };
  return [...scale(name, own, width), offset];
}

function scale(name: string, own: string, width: number): readonly Parameter[] {
  return [{ name: `${name}.weight`, shape: [width], taken: (data) => ({ [`${own}.scale`]: vector(data) }) }];
}

/** A layer whose weight PyTorch keeps as [output, input]. */
function linear(
  name: string,
  own: string,
  [input, output]: readonly [number, number],
  hasBias: boolean,
): readonly Parameter[] {
  const weight: Parameter = {
    name: `${name}.weight`,
    shape: [output, input],
    taken: (data) => ({ [`${own}.linear`]: turned(data, [output, input]) }),
  };
  const bias = {
    name: `${name}.bias`,
    shape: [output],
    taken: (data: Float32Array) => ({ [`${own}.bias`]: vector(data) }),
  };
  return hasBias ? [weight, bias] : [weight];
}

/** Queries, keys and values in one layer, whose rows are each head's three in turn. */
function fusedQueries(
  name: string,
  own: string,
  { sizes: { width, heads }, biases }: Pick<CheckpointConfig, "sizes" | "biases">,
): readonly Parameter[] {
  const rows = width / heads;
  const parts = (data: Float32Array, columns: number): readonly (readonly [string, Float32Array])[] =>
    ["query", "key", "value"].map((part, index) => {
      const chosen = new Float32Array(width * columns);
      for (let head = 0; head < heads; head++) {
        const from = (3 * head + index) * rows * columns;
        chosen.set(data.subarray(from, from + rows * columns), head * rows * columns);
      }
      return [`${own}.${part}`, chosen];
    });
  const weight: Parameter = {
    name: `${name}.weight`,
    shape: [3 * width, width],
    taken: (data) =>
      Object.fromEntries(parts(data, width).map(([part, own]) => [`${part}.linear`, turned(own, [width, width])])),
  };
  const bias: Parameter = {
    name: `${name}.bias`,
    shape: [3 * width],
    taken: (data) => Object.fromEntries(parts(data, 1).map(([part, own]) => [`${part}.bias`, vector(own)])),
  };
  return biases.attention ? [weight, bias] : [weight];
}

function vector(data: Float32Array): NamedArray {
  return { shape: [data.length], data };
}

/** From [output, input] to [input, output]. */
function turned(data: Float32Array, [output, input]: readonly [number, number]): NamedArray {
  const result = new Float32Array(data.length);
  for (let o = 0; o < output; o++)
    for (let i = 0; i < input; i++) result[i * output + o] = data[o * input + i] as number;
  return { shape: [input, output], data: result };
}
