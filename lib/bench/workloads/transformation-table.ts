import { embedding } from "./embedding";
import type { Workload } from "./measurement";
import { transformationStep } from "./transformation-step";

const images = 32;
const models = 3;

/**
 * What training h by the published recipe costs for an image: its views are embedded once by three
 * ResNet-50, then h passes over the embeddings. One embedding and a few steps are timed and
 * multiplied. A unit is an image.
 */
export async function transformationTableWork({
  views = 2,
  passes = 80,
}: Readonly<Record<string, number>>): Promise<Workload> {
  const backbone = await embedding({ depth: 50, side: 224, images });
  const h = await transformationStep({ steps: 2 });
  return {
    round: async () => {
      const [embedded, learned] = [await secondsPerUnit(backbone), await secondsPerUnit(h)];
      return { units: images, seconds: images * (models * views * embedded + passes * learned) };
    },
  };
}

async function secondsPerUnit({ round }: Workload): Promise<number> {
  const start = performance.now();
  const { units } = await round();
  return (performance.now() - start) / 1000 / units;
}
