/** A parser under attack. */
export interface FuzzTarget {
  readonly name: string;
  /** Valid inputs, which are mutated. Each is accepted as it is. */
  readonly valid: () => Promise<readonly Valid[]>;
  /** What lies beside the input, by name: a file of the input's name is replaced by it. */
  readonly beside?: () => Promise<Readonly<Record<string, Uint8Array>>>;
  /**
   * Reads the input by the library. Returns a text of what was read (names, shapes, digests of
   * values) that test/attack/independent repeats, or throws. `out` is the only folder it may
   * write to.
   */
  readonly read: (path: string, out: string) => Promise<string>;
}

/** A valid input and the name of its file. */
export interface Valid {
  readonly file: string;
  readonly bytes: Uint8Array;
  /** Makes a file of the mutated bytes, such as by packing them or by setting their checksum right. */
  readonly finish?: (mutated: Buffer) => Buffer;
}

/** How one input ended. */
export type Outcome =
  | { readonly kind: "accepted"; readonly read: string }
  | { readonly kind: "refused" }
  /** An error that is not the library's own for bad input, or that does not name the file. */
  | { readonly kind: "unclear"; readonly message: string }
  /** Something was written or removed outside of the target's folder. */
  | { readonly kind: "outside"; readonly message: string }
  | { readonly kind: "crash"; readonly message: string }
  | { readonly kind: "hang"; readonly message: string }
  | { readonly kind: "memory"; readonly message: string }
  /** Accepted, and an independent reader reads something else or refuses it. */
  | { readonly kind: "wrong"; readonly message: string };
