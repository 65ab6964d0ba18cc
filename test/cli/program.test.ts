import { Command } from "commander";
import { afterEach, expect, it, vi } from "vitest";
import { type CommandEntry, commands } from "../../lib/cli/commands";
import { runProgram } from "../../lib/cli/program";

const { argv } = process;

afterEach(() => {
  process.argv = argv;
  process.exitCode = undefined;
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

/** What is said of an error in a command's work, or in loading it. */
async function said(load: CommandEntry["load"]): Promise<string> {
  const error = vi.spyOn(console, "error").mockImplementation(() => {});
  process.argv = ["node", "fct", "work"];
  const other = { name: "other", summary: "", load: () => Promise.reject(new Error("must not be loaded")) };
  await runProgram([{ name: "work", summary: "", load }, other]);
  expect(process.exitCode).toBe(1);
  return error.mock.calls.join("\n");
}

function failing(code: string, path?: string): CommandEntry["load"] {
  const error = Object.assign(new Error(`${code}: refused, write`), { code }, path === undefined ? {} : { path });
  return async () => new Command("work").action(() => Promise.reject(error));
}

it.each([
  ["ENOSPC", /^error: ENOSPC: refused, write; the disk is full: free some space$/],
  ["EMFILE", /^error: EMFILE: refused, write; .*ulimit -n 1024/],
  ["EROFS", /; the disk is read-only: name another place$/],
  ["EACCES", /; ask the owner for the right, or name another place$/],
  ["EPIPE", /^error: EPIPE: refused, write$/],
])("%s comes with what to do about it, in one line", async (code, line) => {
  expect(await said(failing(code))).toMatch(line);
});

it.each([
  ["ENOSPC", "/c/x", /write \(\/c\/x\); the disk is full: .*\(\/c may be deleted\), or name another .*FCT_CACHE$/],
  ["EACCES", "/r/x", /write \(\/r\/x\); ask the owner for the right, or name a folder .* FCT_RESULTS$/],
  ["EROFS", "/d", /write \(\/d\); the disk is read-only: name another place in FCT_DATA$/],
  ["ENOSPC", "/cx/y", /write \(\/cx\/y\); the disk is full: free some space$/],
])("%s of %s names the path, and the folder that it lies in if it is the program's", async (code, path, line) => {
  for (const [name, folder] of Object.entries({ FCT_CACHE: "/c", FCT_RESULTS: "/r", FCT_DATA: "/d" })) {
    vi.stubEnv(name, folder);
  }
  expect(await said(failing(code, path))).toMatch(line);
});

it("a command that cannot be loaded refers to the doctor, in one line", async () => {
  const load = (): Promise<never> => Promise.reject(new Error("libtensorflow: failed to map\nRequire stack:\n- x"));
  const line = "error: fct work cannot be loaded: libtensorflow: failed to map; npm run fct -- doctor says what to do";
  expect(await said(load)).toBe(line);
});

it.each(commands)("the help of $name shows defaults that may be typed", async ({ load }) => {
  const command = await load();
  const options = [command, ...command.commands].flatMap((each) => each.options);
  for (const { defaultValue, defaultValueDescription: shown = String(defaultValue), parseArg } of options) {
    if (defaultValue === undefined || parseArg === undefined) continue;
    expect(parseArg(shown, undefined)).toEqual(defaultValue);
  }
});
