import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, it } from "vitest";
import { projectRoot } from "../../../../lib/core/paths";

it("says what to do if a search may not reserve its address space", () => {
  const module = join(projectRoot(), "lib", "dist", "retrieval", "engine", "kept", "between-searches.js");
  const program = `try { require(${JSON.stringify(module)}).inScoreMemory(() => console.log("reserved")); }
    catch (error) { console.log(error.name + ": " + error.message); }`;
  const limited = (options: string): string =>
    spawnSync("sh", ["-c", 'ulimit -v 8000000; exec "$0" -e "$1"', process.execPath, program], {
      encoding: "utf8",
      env: { ...process.env, NODE_OPTIONS: options },
    }).stdout.trim();
  const said = limited("");
  expect(said).toMatch(/^RangeError: .*10 GiB of address space.*ulimit -v unlimited/);
  const [, remedy = ""] = /NODE_OPTIONS=(\S+?),/.exec(said) ?? [];
  expect(limited(remedy)).toBe("reserved");
});
