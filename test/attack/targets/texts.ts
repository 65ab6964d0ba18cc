import { readFileSync } from "node:fs";
import { sha256 } from "../../../lib/core/hash";
import { textsIn } from "../../../lib/language/texts/texts-in";
import { parseMerges } from "../../../lib/language/tokens/parse-merges";
import { zipOf } from "../../zip-writer";
import type { FuzzTarget } from "../fuzz-target";

/** Archives of texts, which have to be UTF-8 and not empty. */
export const textsTarget: FuzzTarget = {
  name: "texts",
  valid: async () => [
    {
      file: "t.zip",
      bytes: zipOf([
        { name: "top/" },
        { name: "top/a.txt", content: "a text of eight-bit characters: ünï\n", stored: true },
        { name: "top/b/c.txt", content: "\ufeff你好 ".repeat(20) },
        { name: "top/README", content: "not read" },
      ]),
    },
    { file: "t.zip", bytes: zipOf([{ name: "top/a", content: "é", stored: true }]) },
  ],
  read: async (path) => {
    const documents = await textsIn(path, readFileSync(path), () => true);
    return documents.map((document) => `${JSON.stringify(document.path)} ${sha256(document.text)}`).join("\n");
  },
};

/** The merges of byte-pair tokens. */
export const mergesTarget: FuzzTarget = {
  name: "merges",
  valid: async () => {
    const merges = Array.from({ length: 20 }, (_, i) => [1 + ((37 * i) % 256), 256 + i]);
    return [merges, [], [[33, 117]]].map((pairs) => ({
      file: "m.json",
      bytes: Buffer.from(JSON.stringify({ merges: pairs })),
    }));
  },
  read: async (path) => parseMerges(readFileSync(path, "utf8"), path).join(" "),
};
