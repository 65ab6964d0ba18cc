/**
 * One file at a dataset's home. `sha256` is null if none was published: the one found at the first
 * fetch is then kept and compared.
 */
export interface SourceFile {
  readonly name: string;
  /** Null if it has no public home and lies in a mirror folder only. */
  readonly url: string | null;
  /** Null if it was not published. */
  readonly bytes: number | null;
  readonly sha256: string | null;
  /** How it is unpacked; "file" is kept as it is. */
  readonly format: "tar.gz" | "tar.xz" | "zip" | "file";
}

/** How a dataset, or weights, come to this machine. */
export type DatasetSource =
  | { readonly kind: "drawn" }
  | { readonly kind: "committed"; readonly bytes: number }
  /** Fetched, and unpacked without the archive's top folder. Limits are of the unpacked files. */
  | {
      readonly kind: "fetched";
      readonly files: readonly SourceFile[];
      /** Archives of the same images in another form, taken if a mirror folder holds them. */
      readonly mirrored?: readonly SourceFile[];
      readonly topFolder: string | null;
      readonly unpacked: { readonly entries: number; readonly bytes: number };
    }
  /**
   * Not free to download: the user puts class folders of images there, train/<class>/*.jpg and
   * val/<class>/*.jpg. Bytes are rough.
   */
  | { readonly kind: "own-copy"; readonly bytes: number };

export interface PublishedDataset {
  readonly title: string;
  readonly home: string;
  readonly terms: string;
  readonly source: DatasetSource;
  /** What must lie in the dataset's folder. */
  readonly expects: readonly string[];
}
