/** A parser under attack. */
export interface FuzzTarget {
  readonly name: string;
  /** The ending of its files. */
  readonly extension: string;
  /** Valid inputs that are mutated; each is accepted as it is. */
  readonly valid: () => Promise<readonly Uint8Array[]>;
  /**
   * Reads a file by every reader of the format. Returns what was read as text (a digest of values and
   * shapes) that an independent reader can repeat, or throws. `folder` is the only place it may write to.
   */
  readonly read: (path: string, folder: string) => Promise<string>;
}

/** How one input ended. */
export type Outcome =
  | { readonly kind: "accepted"; readonly read: string }
  | { readonly kind: "refused"; readonly message: string }
  /** An error that is not the library's own, or that does not name the file. */
  | { readonly kind: "unclear"; readonly message: string }
  /** Something was written outside the target's folder. */
  | { readonly kind: "outside"; readonly message: string }
  | { readonly kind: "crash"; readonly message: string }
  | { readonly kind: "hang"; readonly message: string }
  | { readonly kind: "memory"; readonly message: string }
  /** Accepted, and an independent reader reads something else or refuses it. */
  | { readonly kind: "wrong"; readonly message: string };
