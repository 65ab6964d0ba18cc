import type { SourceFile } from "./published-dataset";

/** CIFAR's binary version. */
export function cifarArchive(classes: string, bytes: number, sha256: string): SourceFile {
  const name = `cifar-${classes}-binary.tar.gz`;
  return { name, url: `https://www.cs.toronto.edu/~kriz/${name}`, bytes, sha256, format: "tar.gz" };
}

/** An archive without a public home. */
export function mirrorOnly(name: string, bytes: number, sha256: string): SourceFile {
  return { name, url: null, bytes, sha256, format: "tar.xz" };
}

/** A file of Fashion-MNIST. */
export function fashion(part: string, bytes: number, sha256: string): SourceFile {
  const name = `${part}-ubyte.gz`;
  const url = `http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/${name}`;
  return { name, url, bytes, sha256, format: "file" };
}

/** A published side-information model, whose length and checksum no source at hand states. */
export function simclr(classes: string): SourceFile {
  const name = `imagenet_${classes}_simclr.pt`;
  const url = `https://docs-assets.developer.apple.com/ml-research/models/fct/${name}`;
  return { name, url, bytes: null, sha256: null, format: "file" };
}
