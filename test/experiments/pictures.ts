import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import sharp from "sharp";
import { temporaryFolder } from "../temporary-folder";

/** A folder of five classes of four pictures, removed after the test; all differ for another `changed`. */
export async function pictures(changed = 0): Promise<string> {
  const folder = join(temporaryFolder(), "My Birds");
  for (const [label, name] of ["crow", "heron", "jay", "kite", "owl"].entries()) {
    mkdirSync(join(folder, name), { recursive: true });
    for (let i = 0; i < 4; i++) {
      const background = { r: 40 * label, g: 50 * i, b: changed };
      const image = sharp({ create: { width: 40, height: 32, channels: 3, background } });
      writeFileSync(join(folder, name, `${i}.png`), await image.png().toBuffer());
    }
  }
  return folder;
}
