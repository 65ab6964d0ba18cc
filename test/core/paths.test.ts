import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { cacheFolder, dataFolder, projectRoot, resultsFolder } from "../../lib/core/paths";

beforeEach(() => {
  for (const name of ["FCT_CACHE", "FCT_RESULTS"]) vi.stubEnv(name, "");
});

afterEach(() => {
  vi.unstubAllEnvs();
});

describe("folders", () => {
  test("lie in the clone, wherever the process was started", () => {
    const root = join(__dirname, "..", "..");
    vi.spyOn(process, "cwd").mockReturnValue("/");
    expect(projectRoot()).toBe(root);
    expect(existsSync(join(dataFolder(), "checksums.json"))).toBe(true);
    expect([cacheFolder(), resultsFolder()]).toEqual([join(root, "results", "cache"), join(root, "results")]);
  });

  test("of the cache and the results may be others", () => {
    vi.stubEnv("FCT_CACHE", "/elsewhere/cache");
    vi.stubEnv("FCT_RESULTS", "/elsewhere/results");
    expect([cacheFolder(), resultsFolder()]).toEqual(["/elsewhere/cache", "/elsewhere/results"]);
  });
});
