import { execFileSync } from "node:child_process";
import { join, relative } from "node:path";
import { expect, test } from "vitest";
import { projectRoot } from "../../../../lib/core/paths";

const compiled = join(projectRoot(), "lib", "dist");

/** The compiled files that loading one of them loads, itself included, as paths. */
function filesLoadedBy(name: string): readonly string[] {
  const program = "require(process.argv[1]); console.log(JSON.stringify(Object.keys(require.cache)))";
  const output = execFileSync(process.execPath, ["-e", program, join(compiled, name)], { encoding: "utf8" });
  return (JSON.parse(output) as string[]).map((path) => relative(compiled, path));
}

test("a helping thread loads files of core and retrieval alone, hence no TensorFlow", () => {
  const loaded = filesLoadedBy("retrieval/engine/threads/worker.js");
  expect(loaded).toContain("retrieval/engine/threads/take-part.js");
  expect(loaded).toContain("retrieval/engine/scores/memory.js");
  expect(loaded.filter((path) => !/^(core|retrieval)\//.test(path))).toEqual([]);
});
