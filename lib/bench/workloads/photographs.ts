import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { random } from "../../core/random";

const [width, height] = [500, 375];

/** JPEG files of 500 x 375 with large shapes and some noise, as photographs have, in a temporary folder that goes with this process. */
export async function photographs(count: number): Promise<readonly string[]> {
  const folder = mkdtempSync(join(tmpdir(), "photographs-"));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  const paths = Array.from({ length: count }, (_, index) => join(folder, `${index}.jpg`));
  for (const [index, path] of paths.entries())
    await sharp(pixels(index), { raw: { width, height, channels: 3 } })
      .jpeg({ quality: 90 })
      .toFile(path);
  return paths;
}

function pixels(index: number): Uint8Array {
  const draw = random("bench", "photograph", index);
  const waves = Array.from(
    { length: 9 },
    () => [draw.uniform(0, 0.06), draw.uniform(0, 0.06), draw.uniform(0, 6)] as const,
  );
  const values = new Uint8Array(width * height * 3);
  for (let at = 0; at < values.length; at++) {
    const [x, y, channel] = [Math.floor(at / 3) % width, Math.floor(at / 3 / width), at % 3];
    const sum = waves
      .slice(3 * channel, 3 * channel + 3)
      .reduce((total, [u, v, phase]) => total + Math.sin(u * x + v * y + phase), 0);
    values[at] = 128 + 36 * sum + 12 * draw.uniform(-1, 1);
  }
  return values;
}
