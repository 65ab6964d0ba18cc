import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { dataCommand } from "../../lib/cli/data";
import { catalogue } from "../../lib/data/fetching/catalogue";
import { temporaryFolder } from "../temporary-folder";

let data: string;
beforeEach(() => {
  data = temporaryFolder();
  vi.stubEnv("FCT_DATA", data);
  vi.stubEnv("FCT_DATA_MIRROR", "");
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  process.exitCode = undefined;
});

/** What a command prints. */
async function printed(...words: readonly string[]): Promise<string> {
  const log = vi.spyOn(console, "log").mockImplementation(() => {});
  await dataCommand().parseAsync(words, { from: "user" });
  const text = log.mock.calls.flat().join("\n");
  log.mockRestore();
  return text;
}

describe("data", () => {
  it("lists every dataset with its state, terms and home", async () => {
    mkdirSync(join(data, "cifar-10"));
    const text = await printed();
    for (const [name, { title, terms, home }] of Object.entries(catalogue)) {
      expect(text).toMatch(new RegExp(`^${name} +(present|partial|absent) `, "m"));
      for (const part of [title, terms, home]) expect(text).toContain(part);
    }
    expect(text).toMatch(/^fct-simclr +absent +unknown +side-information models/m);
    expect(text).toMatch(/^omniglot +present +2\.9 MB/m);
    expect(text).toMatch(/^cifar-10 +partial +170\.1 MB/m);
    expect(text).toContain("cifar-10 lacks data_batch_1.bin, data_batch_2.bin");
    expect(text).toContain("fetch it: npm run fct -- data get cifar-100");
  });

  it("tells archives in the mirror folder from nothing", async () => {
    vi.stubEnv("FCT_DATA_MIRROR", data);
    writeFileSync(join(data, "tiny-imagenet-200-32px.tar.xz"), "");
    expect(await printed()).toMatch(/^tiny-imagenet-32px +archive only/m);
  });
});

describe("data get", () => {
  it.each(["imagenet-1k", "places-365", "vggface2"] as const)(
    "%s says home, terms and where to put it",
    async (name) => {
      const text = await printed("get", name);
      const { home, terms } = catalogue[name];
      for (const part of [home, terms, join(data, name), "train/<class>/*.jpg"]) expect(text).toContain(part);
      expect(process.exitCode).toBe(1);
      process.exitCode = undefined;
      for (const part of ["train", "val"]) mkdirSync(join(data, name, part, "a"), { recursive: true });
      expect(await printed("get", name)).toContain(`is there: ${join(data, name)}`);
      expect(process.exitCode).toBeUndefined();
    },
  );

  it("has nothing to fetch where a dataset is committed or drawn", async () => {
    expect(await printed("get", "omniglot")).toContain("nothing to fetch, it is committed");
    expect(await printed("get", "shapes")).toContain("nothing to fetch, it is drawn");
  });

  it.each([
    [["get", "nope"], /'nope' is invalid.*Allowed choices are .*tiny-imagenet-32px/],
    [["get"], /missing required argument 'name'/],
    [["get", "cifar-10", "cifar-100"], /too many arguments/],
    [["--all"], /unknown option '--all'/],
  ])("refuses %j", async (words, said) => {
    let text = "";
    const command = dataCommand();
    for (const each of [command, ...command.commands]) {
      each.exitOverride().configureOutput({ writeErr: (part) => (text += part), writeOut: () => {} });
    }
    await expect(command.parseAsync(words, { from: "user" })).rejects.toMatchObject({ exitCode: 1 });
    expect(text).toMatch(said);
  });
});

it("the catalogue declares sums and sizes that can be such", () => {
  for (const { source } of Object.values(catalogue)) {
    if (source.kind !== "fetched") continue;
    for (const { name, url, bytes, sha256 } of source.files) {
      // Of these nothing was published.
      expect(sha256 ?? name).toMatch(/^([0-9a-f]{64}|imagenet_(250|500|1000)_simclr\.pt)$/);
      expect(bytes ?? Number.POSITIVE_INFINITY).toBeGreaterThan(1000);
      if (url !== null) expect(new URL(url).pathname.split("/").at(-1)).toBe(name);
    }
  }
});
