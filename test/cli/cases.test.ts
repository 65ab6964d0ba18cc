import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it, vi } from "vitest";
import { projectRoot } from "../../lib/core/paths";
import { bytesAs, npyFile } from "../files/npy-writer";
import { normalRows } from "../retrieval/normal-rows";
import { temporaryFolder } from "../temporary-folder";
import { writeMatrix } from "./small-transformation";

const fct = join(projectRoot(), "lib", "dist", "cli", "fct.js");

function embeddings() {
  const folder = temporaryFolder();
  const path = (name: string): string => join(folder, name);
  writeMatrix(path("x.npy"), normalRows("x", 40, 3));
  writeFileSync(
    path("y.npy"),
    npyFile(
      { descr: "<i8", shape: [40] },
      bytesAs(
        "<i8",
        Array.from({ length: 40 }, (_, i) => i % 4),
      ),
    ),
  );
  return { folder, path };
}

it("input may be piped, and stays in no folder", () => {
  const { path } = embeddings();
  const input = openSync(path("x.npy"), "r");
  const words = ["evaluate", "--query", "-", "--gallery", "-", "--labels", path("y.npy"), "--exclude-self", "--json"];
  try {
    const piped = execFileSync("node", [fct, ...words], { stdio: [input, "pipe", "pipe"], encoding: "utf8" });
    const named = execFileSync("node", [fct, ...words.map((word) => (word === "-" ? path("x.npy") : word))], {
      stdio: "pipe",
      encoding: "utf8",
    });
    expect(JSON.parse(piped).metrics).toEqual(JSON.parse(named).metrics);
    expect(JSON.parse(piped).query.file).toMatch(/standard-input\.npy$/);
  } finally {
    closeSync(input);
  }
});

it("what is piped goes with a process that is interrupted", async () => {
  const { path } = embeddings();
  const temporary = temporaryFolder();
  const words = ["evaluate", "--query", "-", "--gallery", path("x.npy"), "--labels", path("y.npy")];
  const child = spawn("node", [fct, ...words], { env: { ...process.env, TMPDIR: temporary }, stdio: "pipe" });
  child.stdin.write(readFileSync(path("x.npy")).subarray(0, 200));
  await vi.waitFor(() => expect(readdirSync(temporary)).toHaveLength(1), { timeout: 60_000 });
  await new Promise((resolve) => setTimeout(resolve, 500));
  child.kill("SIGINT");
  expect(await once(child, "close")).toEqual([null, "SIGINT"]);
  const left = readdirSync(temporary, { recursive: true, withFileTypes: true });
  expect(left.filter((entry) => entry.isFile()).map(({ name }) => name)).toEqual([]);
}, 120_000);

it("ranked lists and the measures of every query are CSV files, which are not replaced unasked", () => {
  const { path } = embeddings();
  const words = [
    "evaluate",
    "--query",
    path("x.npy"),
    "--gallery",
    path("x.npy"),
    "--labels",
    path("y.npy"),
    "--exclude-self",
  ];
  const lists = ["--k", "1,3", "--out", path("ranks.csv"), "--per-query", path("queries.csv"), "--per-class"];
  const printed = execFileSync("node", [fct, ...words, ...lists], { stdio: "pipe", encoding: "utf8" });
  expect(printed).toMatch(/recall@3 .*\n.*\n?.*nDCG@3/s);
  expect(printed).toMatch(/class +queries +top-1 +mAP\n0 +10/);
  const [head, first, ...rest] = readFileSync(path("ranks.csv"), "utf8").trim().split("\n");
  expect(head).toBe("query,rank,item,distance,relevant");
  expect(first).toMatch(/^0,1,\d+,\d/);
  expect(rest.length + 1).toBe(40 * 3);
  expect(readFileSync(path("queries.csv"), "utf8").split("\n")[0]).toContain("recall@3,precision@3,ndcg@3");
  const again = spawnSync("node", [fct, ...words, ...lists], { encoding: "utf8" });
  expect([again.status, again.stdout]).toEqual([1, ""]);
  expect(again.stderr).toMatch(/ranks\.csv: it exists/);
});

it.each([
  [["evaluate"], 2],
  [["what"], 2],
  [["learn", "--help"], 0],
  [["evaluate", "--query", "nowhere.npy", "--gallery", "nowhere.npy", "--labels", "nowhere.npy"], 1],
])("exit codes tell wrong words from refused input: %j", (words, status) => {
  expect(spawnSync("node", [fct, ...words], { encoding: "utf8" }).status).toBe(status);
});
