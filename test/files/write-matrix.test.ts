import { join } from "node:path";
import { expect, it } from "vitest";
import { readMatrix } from "../../lib/files/matrix-file";
import { writeMatrix } from "../../lib/files/matrix-output";
import { normalRows } from "../retrieval/normal-rows";
import { temporaryFolder } from "../temporary-folder";

it.each(["npy", "safetensors"])(
  "a matrix written as %s is read as it was, and replaces what was there",
  async (ending) => {
    const path = join(temporaryFolder(), `vectors.${ending}`);
    writeMatrix(path, normalRows("first", 3, 5));
    const written = normalRows("second", 7, 4);
    writeMatrix(path, written);
    expect(await readMatrix(path)).toEqual(written);
  },
);

it("another ending is refused by name", () => {
  const path = join(temporaryFolder(), "vectors.txt");
  expect(() => writeMatrix(path, normalRows("first", 3, 5))).toThrow(/vectors\.txt/);
});
