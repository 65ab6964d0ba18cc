import { isPlainObject } from "../../core/hash";
import { boundedJson } from "../../core/input/json";
import { InputError } from "../../core/input-error";
import type { DecoderSizes } from "../decoder/decoder";
import type { DecoderForm } from "../decoder/decoder-form";
import { type Members, members } from "./members";
import { rotaryIn } from "./rotary-config";

/** A decoder as config.json describes it, in the words of the library transformers. */
export interface CheckpointConfig {
  readonly family: "GPT-NeoX" | "Llama";
  readonly sizes: DecoderSizes & { readonly form: DecoderForm };
  /** Which linear layers have biases. */
  readonly biases: { readonly attention: boolean; readonly network: boolean };
  /** The tokens that begin and end a text. */
  readonly begin: number;
  readonly end: number;
}

const limits = { length: 1_000_000, depth: 16, values: 50_000 } as const;
const mostBlocks = 1000;
const mostFeatures = 2 ** 24;

/**
 * Reads the text of a config.json. Throws InputError, naming the member, unless it describes a
 * GPT-NeoX or a Llama whose every part is known here.
 */
export function parseConfig(text: string, path: string): CheckpointConfig {
  const found = boundedJson(text, limits, (reason) => new InputError({ file: path, fault: reason }));
  if (!isPlainObject(found)) throw new InputError({ file: path, fault: "is not a JSON object" });
  const config = members(found, path);
  const family = config.oneOf("model_type", { gpt_neox: "GPT-NeoX", llama: "Llama" } as const);
  const shared = {
    vocabulary: config.whole("vocab_size", { most: mostFeatures }),
    context: config.whole("max_position_embeddings", { most: mostFeatures }),
    width: config.whole("hidden_size", { most: mostFeatures }),
    depth: config.whole("num_hidden_layers", { most: mostBlocks }),
    heads: config.whole("num_attention_heads", { most: mostFeatures }),
  };
  const { width, heads } = shared;
  if (width % heads !== 0) throw config.refuse("hidden_size", `${width}`, `a multiple of the ${heads} heads`);
  const size = config.whole("head_dim", { most: width, missing: width / heads });
  if (size !== width / heads) throw config.refuse("head_dim", `${size}`, `${width / heads}, hidden_size by heads,`);
  const form = family === "GPT-NeoX" ? neoxForm(config, shared) : llamaForm(config, shared);
  return { family, sizes: { ...shared, form }, biases: biasesOf(family, config), ...endsOf(config) };
}

type Shared = Pick<DecoderSizes, "width" | "heads">;

function neoxForm(config: Members, { width, heads }: Shared): DecoderForm {
  const tanh = "gelu-by-tanh";
  const acts = { gelu: "gelu", gelu_new: tanh, gelu_fast: tanh, gelu_pytorch_tanh: tanh } as const;
  return {
    norm: { kind: "layer", epsilon: config.positive("layer_norm_eps", 1e-5) },
    network: {
      kind: config.oneOf("hidden_act", acts),
      hidden: config.whole("intermediate_size", { most: mostFeatures }),
    },
    keyHeads: heads,
    rotary: rotaryIn(config, { size: width / heads, share: 0.25 }),
    parallel: config.flag("use_parallel_residual", true),
    tied: config.flag("tie_word_embeddings", false),
  };
}

function llamaForm(config: Members, { width, heads }: Shared): DecoderForm {
  const keyHeads = config.whole("num_key_value_heads", { most: heads, missing: heads });
  if (heads % keyHeads !== 0)
    throw config.refuse("num_key_value_heads", `${keyHeads}`, `a divisor of the ${heads} heads`);
  const acts = { silu: "swiglu", swish: "swiglu" } as const;
  return {
    norm: { kind: "rms", epsilon: config.positive("rms_norm_eps", 1e-6) },
    network: {
      kind: config.oneOf("hidden_act", acts),
      hidden: config.whole("intermediate_size", { most: mostFeatures }),
    },
    keyHeads,
    rotary: rotaryIn(config, { size: width / heads, share: 1 }),
    parallel: false,
    tied: config.flag("tie_word_embeddings", false),
  };
}

function biasesOf(family: CheckpointConfig["family"], config: Members): CheckpointConfig["biases"] {
  return family === "GPT-NeoX"
    ? { attention: config.flag("attention_bias", true), network: true }
    : { attention: config.flag("attention_bias", false), network: config.flag("mlp_bias", false) };
}

/** Of several ends the first counts; it begins a text, too, if nothing else does. */
function endsOf(config: Members): Pick<CheckpointConfig, "begin" | "end"> {
  const ends = config.value("eos_token_id");
  const end = Array.isArray(ends) ? ends[0] : ends;
  const isToken = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
  if (!isToken(end))
    throw config.refuse("eos_token_id", JSON.stringify(ends) ?? "missing", "the token that ends a text");
  const begin = config.value("bos_token_id");
  return { begin: isToken(begin) ? begin : end, end };
}
