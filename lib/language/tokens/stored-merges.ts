import { join } from "node:path";
import { dataFolder } from "../../core/paths";
import { readChecked } from "../../data/fetching/verified-file";
import { type Tokenizer, tokenizer } from "./byte-pairs";
import { parseMerges } from "./parse-merges";

const file = "language-merges.json";

/**
 * The tokenizer of the language models: 2,048 tokens, whose merges data/make_merges.py has made.
 * Throws InputError if the file in `folder` is damaged.
 */
export async function storedTokenizer({
  folder = dataFolder(),
}: {
  readonly folder?: string;
} = {}): Promise<Tokenizer> {
  const path = join(folder, file);
  const text = Buffer.from(await readChecked(folder, file)).toString("utf8");
  return tokenizer(parseMerges(text, path));
}
