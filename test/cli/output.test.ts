import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { bytesAs, npyFile } from "../files/npy-writer";
import { temporaryFolder } from "../temporary-folder";

const program = resolve(import.meta.dirname, "..", "..", "lib/dist/cli/fct.js");

/** Runs a line of bash in which $FCT is the command; `folder` is where it runs. */
function bash(line: string, folder = temporaryFolder()): { readonly status: number | null; readonly stderr: string } {
  const env = { ...process.env, INIT_CWD: folder, FCT: `${process.execPath} ${program}` };
  const { status, stderr } = spawnSync("bash", ["-c", `set -o pipefail; ${line}`], {
    cwd: folder,
    env,
    encoding: "utf8",
  });
  return { status, stderr };
}

/** A folder with x.npy and y.npy, which can be evaluated. */
function evaluable(): string {
  const folder = temporaryFolder();
  const labels = BigInt64Array.from({ length: 20 }, (_, i) => BigInt(i % 4));
  const values = Float32Array.from({ length: 60 }, (_, i) => Math.sin(i));
  writeFileSync(join(folder, "x.npy"), npyFile({ descr: "<f4", shape: [20, 3] }, bytesAs("<f4", values)));
  writeFileSync(join(folder, "y.npy"), npyFile({ descr: "<i8", shape: [20] }, new Uint8Array(labels.buffer)));
  return folder;
}

const evaluation = "$FCT evaluate --query x.npy --gallery x.npy --labels y.npy --exclude-self";

describe("output that is lost", () => {
  it.each(["$FCT map --help", "$FCT --help", "$FCT doctor --help", "$FCT data", `${evaluation} --json`, evaluation])(
    "on a full disk is an error, said in one line: %s",
    (line) => {
      const { status, stderr } = bash(`${line} > /dev/full`, line.includes("evaluate") ? evaluable() : undefined);
      expect(stderr.split("\n").filter((each) => each.startsWith("error"))).toEqual([
        expect.stringMatching(/^error: the output could not be written: ENOSPC: no space left on device/),
      ]);
      expect(stderr).not.toMatch(/^ +at /m);
      expect(status).toBe(1);
    },
  );

  it("in part is an error too", () => {
    const folder = temporaryFolder();
    const { status, stderr } = bash("ulimit -f 1; $FCT map --help > out.txt", folder);
    expect(statSync(join(folder, "out.txt")).size).toBe(1024);
    expect(stderr).toMatch(/^error: the output could not be written: EFBIG/m);
    expect(status).toBe(1);
  });

  it("because its reader has seen enough is not", () => {
    for (const line of ["$FCT map --help | true", "$FCT data | head -1 > /dev/null", "$FCT --help | head -c 10"]) {
      const { status, stderr } = bash(line);
      expect(stderr, line).not.toMatch(/error|EPIPE/);
      expect(status, line).toBe(0);
    }
  });

  it("of errors leaves the exit code", () => {
    expect(bash("$FCT map --nothing 2> /dev/full").status).toBe(2);
    expect(bash("$FCT nothing 2> /dev/full > /dev/full").status).toBe(2);
  });
});

/** The lines that a terminal shows, which returns to the beginning of one and erases the rest. */
function screen(written: string): readonly string[] {
  return written.split("\n").map((line) => {
    let shown = "";
    let column = 0;
    for (const sign of line.replaceAll("\u001b[K", "\0")) {
      if (sign === "\0") shown = shown.slice(0, column);
      else if (sign !== "\r") shown = shown.slice(0, column) + sign + shown.slice(column + 1);
      column = sign === "\r" ? 0 : sign === "\0" ? column : column + 1;
    }
    return shown;
  });
}

it("in a terminal stands on lines of its own, in the place of a line of progress", () => {
  const folder = evaluable();
  writeFileSync(join(folder, "ids.csv"), `id\n${Array.from({ length: 20 }, (_, i) => `item ${i}`).join("\n")}\n`);
  const python = resolve(import.meta.dirname, "..", "..", ".venv/bin/python");
  const shown = (line: string): readonly string[] => {
    const words = ["-c", "import pty, sys; pty.spawn(['bash', '-c', sys.argv[1]])", line];
    const env = { ...process.env, INIT_CWD: folder, FCT: `${process.execPath} ${program}` };
    return screen(spawnSync(python, words, { cwd: folder, env, encoding: "utf8" }).stdout);
  };
  shown("$FCT gallery create a.gallery --model m --dimensions 3");
  shown("$FCT gallery add a.gallery --model m --vectors x.npy --ids ids.csv");
  const search = "$FCT gallery search a.gallery --query x.npy --k 1 --model";
  expect(shown(`${search} m`).slice(0, 2)).toEqual(["query,rank,id,squared_distance", "0,1,item 0,0"]);
  expect(shown(`${search} m > out.csv; echo done`)).toEqual(["done", ""]);
  expect(shown(`${search} other`)[0]).toMatch(/^error: .* these vectors are of model "other"/);
});

it("output that is written is whole, in a file and in a pipe", () => {
  const folder = temporaryFolder();
  expect(bash("$FCT data > file.txt; $FCT data | cat > pipe.txt", folder).status).toBe(0);
  expect(existsSync(join(folder, "file.txt"))).toBe(true);
  const text = readFileSync(join(folder, "file.txt"), "utf8");
  expect(text).toMatch(/omniglot/);
  expect(readFileSync(join(folder, "pipe.txt"), "utf8")).toBe(text);
});
