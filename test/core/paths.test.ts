import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { InputError } from "../../lib/core/input-error";
import {
  absoluteFolders,
  benchFolder,
  cacheFolder,
  callersFolder,
  committedFolder,
  dataFolder,
  makeWritable,
  projectRoot,
  runsFolder,
} from "../../lib/core/paths";
import { temporaryFolder } from "../temporary-folder";

beforeEach(() => {
  for (const name of ["FCT_CACHE", "FCT_RESULTS"]) vi.stubEnv(name, "");
});

afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

describe("folders", () => {
  test("lie in the clone, wherever the process was started", () => {
    const root = join(__dirname, "..", "..");
    vi.spyOn(process, "cwd").mockReturnValue("/");
    expect(projectRoot()).toBe(root);
    expect(existsSync(join(dataFolder(), "checksums.json"))).toBe(true);
    const results = join(root, "results");
    expect([cacheFolder(), runsFolder()]).toEqual([join(results, "cache"), join(results, "run")]);
    expect([committedFolder(), benchFolder()]).toEqual([results, results]);
  });

  test("of the cache and of runs may be others, that of committed results may not", () => {
    vi.stubEnv("FCT_CACHE", "/elsewhere/cache");
    vi.stubEnv("FCT_RESULTS", "/elsewhere/results");
    expect([cacheFolder(), runsFolder()]).toEqual(["/elsewhere/cache", "/elsewhere/results"]);
    expect([committedFolder(), benchFolder()]).toEqual([join(projectRoot(), "results"), "/elsewhere/results"]);
  });

  test("that are named relative to the user's folder lie there, for kernels in notebooks/ too", () => {
    vi.stubEnv("FCT_CACHE", "cache");
    vi.stubEnv("FCT_RESULTS", "../results");
    vi.stubEnv("INIT_CWD", "/usr/bin");
    vi.stubEnv("npm_package_json", join(projectRoot(), "package.json"));
    const folders = (cwd: string): readonly string[] => {
      vi.spyOn(process, "cwd").mockReturnValue(cwd);
      return [callersFolder(), cacheFolder(), runsFolder()];
    };
    const users = ["/usr/bin", "/usr/bin/cache", "/usr/results"];
    expect(folders(projectRoot())).toEqual(users);
    expect(folders(join(projectRoot(), "notebooks"))).toEqual(users);
    expect(folders("/usr/lib")).toEqual(["/usr/lib", "/usr/lib/cache", "/usr/results"]);
    vi.stubEnv("npm_package_json", "/another/package.json");
    expect(callersFolder()).toBe("/usr/lib");
    expect(folders(projectRoot())[0]).toBe(projectRoot());
  });

  test("are made absolute once, for this process and its children", () => {
    vi.stubEnv("FCT_CACHE", "cache");
    vi.stubEnv("INIT_CWD", undefined);
    vi.spyOn(process, "cwd").mockReturnValue("/usr/lib");
    absoluteFolders();
    expect([process.env.FCT_CACHE, process.env.FCT_RESULTS]).toEqual(["/usr/lib/cache", ""]);
  });

  test("in which nothing can be made are refused, with the variable that names another", () => {
    const file = join(temporaryFolder(), "file");
    writeFileSync(file, "");
    for (const [folder, refusal] of [
      [file, /: is a file: a folder is meant; name a folder in FCT_CACHE$/],
      [join(file, "cache"), /: lies in .*file, which is a file; name a folder in FCT_CACHE$/],
      ["/proc/none/deep", /cannot be written \(E[A-Z]+\); name a folder of your own in FCT_CACHE$/],
      ["/proc/1/cache/deep", /cannot be written \(E[A-Z]+\); name a folder of your own in FCT_CACHE$/],
    ] as const) {
      const making = (): void => makeWritable(folder, "FCT_CACHE");
      expect(making).toThrow(InputError);
      expect(making).toThrow(refusal);
      expect(making).toThrow(`${folder}: `);
    }
    const folder = join(temporaryFolder(), "new", "folder");
    makeWritable(folder, "FCT_CACHE");
    expect(existsSync(folder)).toBe(true);
  });
});
