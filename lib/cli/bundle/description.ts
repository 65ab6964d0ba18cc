import { join } from "node:path";
import { z } from "zod";
import { readRecord } from "../../core/artifacts/record";

/** What a bundle is, as it says of itself in project/bundle.json. */
export interface BundleDescription {
  readonly version: string;
  /** The commit that it was made from; null outside a git clone. */
  readonly commit: string | null;
  readonly node: string;
  readonly tensorflow: string;
  readonly build: "cpu" | "cuda";
  /** The oldest C library that all its programs run with, such as "2.34". */
  readonly glibc: string;
  /** The fetched datasets in it. */
  readonly data: readonly string[];
}

const descriptionSchema: z.ZodType<BundleDescription> = z.strictObject({
  version: z.string(),
  commit: z.string().nullable(),
  node: z.string(),
  tensorflow: z.string(),
  build: z.enum(["cpu", "cuda"]),
  glibc: z.string(),
  data: z.array(z.string()),
});

/** The file beside package.json that only a bundle has. */
export const descriptionFile = "bundle.json";

/** Where TensorFlow's libraries lie in a bundle, seen from its project. */
export const bundledTensorflow: string = join("..", "tensorflow");

/** The description of the bundle that a project was unpacked from; null in a clone. */
export function bundleOf(root: string): BundleDescription | null {
  return readRecord(join(root, descriptionFile), descriptionSchema);
}
