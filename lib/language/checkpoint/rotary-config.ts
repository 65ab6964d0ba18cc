import type { RotaryPositions, RotaryScaling } from "../decoder/rotary";
import type { Members } from "./members";

const usualBase = 10_000;

/**
 * The rotary positions of a config.json, which has them in "rope_parameters" or, as earlier, in
 * members of its own; of heads of `size` features, of which usually a `share` is turned.
 */
export function rotaryIn(config: Members, usual: { readonly size: number; readonly share: number }): RotaryPositions {
  const parameters = config.inside("rope_parameters");
  const from = parameters ?? config;
  const old = config.positive("rotary_emb_base", usualBase);
  const base = from.positive("rope_theta", old);
  const share = from.positive("partial_rotary_factor", config.positive("rotary_pct", usual.share));
  const features = Math.floor(usual.size * share);
  if (features < 2 || features % 2 !== 0 || features > usual.size) {
    throw from.refuse(
      "partial_rotary_factor",
      `${share}`,
      `a share that turns an even number of ${usual.size} features`,
    );
  }
  const scaling = scalingIn(parameters ?? config.inside("rope_scaling"));
  return { features, base, ...(scaling === null ? {} : { scaling }) };
}

function scalingIn(from: Members | null): RotaryScaling | null {
  if (from === null) return null;
  const name = from.value("rope_type") === undefined ? "type" : "rope_type";
  if (from.value(name) === undefined) return null;
  const kind = from.oneOf(name, { default: "default", linear: "linear", llama3: "llama3" });
  switch (kind) {
    case "default":
      return null;
    case "linear":
      return { kind, factor: from.positive("factor") };
    case "llama3": {
      const [low, high] = [from.positive("low_freq_factor"), from.positive("high_freq_factor")];
      if (low >= high) throw from.refuse("low_freq_factor", `${low}`, `less than high_freq_factor, ${high},`);
      const original = from.positive("original_max_position_embeddings");
      return { kind, factor: from.positive("factor"), low, high, original };
    }
  }
}
