/** A seeded stream of random numbers, which is the same on every machine. */
export interface Random {
  /** Uniform in [low, high), with a resolution of 32 bits. */
  readonly uniform: (low?: number, high?: number) => number;
  /** Standard normal. */
  readonly normal: () => number;
  /** A uniform integer in [0, below). */
  readonly integer: (below: number) => number;
  /** The numbers 0 .. count - 1 in random order (Fisher-Yates). */
  readonly permutation: (count: number) => Int32Array;
  /** An independent stream, determined by this one and `index`. Draws nothing from this one. */
  readonly fork: (index: number) => Random;
}

/** The stream with the given names as its seed, for example `random(seed, "augment", epoch)`. */
export function random(...names: readonly (string | number)[]): Random {
  return fromSeed(fold(names.map((name) => `${typeof name}:${name}`).join("\u0000")));
}

type Seed = readonly [number, number, number, number];

function fromSeed(seed: Seed): Random {
  const next = sfc32(seed);
  const uniform = (low = 0, high = 1): number => low + (high - low) * (next() / 2 ** 32);
  const integer = (below: number): number => Math.floor(uniform(0, below));
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
  const permutation = (count: number): Int32Array => {
    const order = Int32Array.from({ length: count }, (_, i) => i);
    for (let i = count - 1; i > 0; i--) {
      const j = integer(i + 1);
      const kept = order[i] ?? 0;
      order[i] = order[j] ?? 0;
      order[j] = kept;
    }
    return order;
  };
  const fork = (index: number): Random => fromSeed([seed[0], seed[1], seed[2] ^ mix(index + 1), mix(seed[3] + index)]);
  return { uniform, normal, integer, permutation, fork };
}

/** The small fast counting generator by Chris Doty-Humphrey (PractRand), in words of 32 bits. */
function sfc32([a0, b0, c0, counter0]: Seed): () => number {
  let a = a0;
  let b = b0;
  let c = c0;
  let counter = counter0;
  const next = (): number => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return sum >>> 0;
  };
  for (let i = 0; i < 12; i++) next();
  return next;
}

/** The finaliser of MurmurHash3: every input bit affects every output bit. */
function mix(value: number): number {
  let h = value | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

function fold(text: string): Seed {
  const words: [number, number, number, number] = [0x9e3779b9, 0x243f6a88, 0xb7e15162, text.length];
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    words[0] = mix(words[0] ^ code);
    words[1] = mix(words[1] + Math.imul(code, 0x9e3779b1));
    words[2] = mix((words[2] << 5) ^ words[0] ^ code);
    words[3] = mix(words[3] + words[1]);
  }
  return words;
}
