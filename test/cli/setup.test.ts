import { spawn, spawnSync } from "node:child_process";
import {
  appendFileSync,
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { replaceFolder } from "../../lib/cli/setup/aside.mjs";
import { bindingFile, bindingPart } from "../../lib/cli/setup/binding.mjs";
import { distPart } from "../../lib/cli/setup/dist.mjs";
import { kernelspecPart } from "../../lib/cli/setup/kernelspec.mjs";
import { underLock } from "../../lib/cli/setup/lock.mjs";
import { packagesPart } from "../../lib/cli/setup/packages.mjs";
import { checkNode, checkPlatform, findPython } from "../../lib/cli/setup/prerequisites.mjs";
import { pythonPart } from "../../lib/cli/setup/python.mjs";
import { isFresh, removeStamp, writeStamp } from "../../lib/cli/setup/stamp.mjs";

const repository = resolve(import.meta.dirname, "..", "..");
let folder = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "fct setup "));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe("a missing prerequisite stops with its name and the command that installs it:", () => {
  it("Node", () => {
    expect(() => checkNode("18.19.0")).toThrow(/Node 18.19.0 is too old.*nvm install 20/);
    expect(() => checkNode("20.0.0")).not.toThrow();
  });

  it("the platform", () => {
    expect(() => checkPlatform("darwin", "arm64")).toThrow(/darwin arm64 is not supported.*Linux on x86-64/);
  });

  it.each([
    ["Python", { g: "g++" }, /Python 3.10 to 3.13 is missing \(found: none\): sudo apt install python3/],
    ["an old Python", { g: "g++", python3: "3.9" }, /\(found: 3.9\): sudo apt install/],
    ["Python's venv", { g: "g++", python3: "3.12 bare" }, /venv module is missing.*sudo apt install python3.12-venv/],
    ["the compiler", { python3: "3.12" }, /C\+\+ compiler is missing.*sudo apt install g\+\+/],
  ])("%s", (_name, programs, message) => {
    const bin = pathWith(programs);
    const clone = skeleton();
    const { status, stderr } = spawnSync(process.execPath, [join(clone, "lib/cli/setup.mjs")], {
      encoding: "utf8",
      env: { PATH: bin },
    });
    expect(stderr).toMatch(message);
    expect(status).toBe(1);
  });
});

describe("a part's stamp", () => {
  const part = {
    title: "a part",
    stamp: "made/.stamp",
    inputs: (root: string) => [root, readFileSync(join(root, "input"), "utf8")],
    present: (root: string) => existsSync(join(root, "made", "output")),
    build: () => {},
  };

  beforeEach(() => {
    mkdirSync(join(folder, "made"));
    writeFileSync(join(folder, "input"), "one");
    writeFileSync(join(folder, "made", "output"), "");
  });

  it("says fresh only after the part was finished from the present inputs", () => {
    expect(isFresh(part, folder)).toBe(false);
    writeStamp(part, folder);
    expect(isFresh(part, folder)).toBe(true);
    writeFileSync(join(folder, "input"), "two");
    expect(isFresh(part, folder)).toBe(false);
  });

  it("is worth nothing without the outputs, and when removed", () => {
    writeStamp(part, folder);
    rmSync(join(folder, "made", "output"));
    expect(isFresh(part, folder)).toBe(false);
    writeFileSync(join(folder, "made", "output"), "");
    removeStamp(part, folder);
    expect(isFresh(part, folder)).toBe(false);
  });

  it("does not survive a move of the folder", () => {
    writeStamp(part, folder);
    const moved = `${folder} moved`;
    symlinkSync(folder, moved);
    expect(isFresh(part, moved)).toBe(false);
    rmSync(moved);
  });
});

describe("the compiled library", () => {
  const simd = "lib/retrieval/engine/simd";
  const context = (root: string) => ({ root, lock: "ignore" as const });

  beforeEach(() => {
    mkdirSync(join(folder, "lib"));
    symlinkSync(join(repository, "node_modules"), join(folder, "node_modules"));
    cpSync(join(repository, simd), join(folder, simd), { recursive: true });
    for (const name of ["tsconfig.json", "package-lock.json"])
      writeFileSync(join(folder, name), readFileSync(join(repository, name)));
    writeFileSync(join(folder, "lib", "one.ts"), "export const one: number = 1;\n");
    writeFileSync(join(folder, "lib", "two.ts"), "export const two: number = 2;\n");
  });

  it("loses what has no source any more and refuses what does not compile", async () => {
    await distPart.build(context(folder));
    expect(distPart.present(folder)).toBe(true);
    rmSync(join(folder, "lib", "two.ts"));
    await distPart.build(context(folder));
    expect(existsSync(join(folder, "lib", "dist", "two.js"))).toBe(false);
    expect(readFileSync(join(folder, "lib", "dist", "one.js"), "utf8")).toContain("one = 1");
    writeFileSync(join(folder, "lib", "one.ts"), 'export const one: number = "1";\n');
    await expect(distPart.build(context(folder))).rejects.toThrow(/lib\/one.ts.*TS2322/);
    expect(readFileSync(join(folder, "lib", "dist", "one.js"), "utf8")).toContain("one = 1");
  });

  it("has the committed WebAssembly, and refuses it when its sources have changed", async () => {
    await distPart.build(context(folder));
    const compiled = join(folder, "lib", "dist", "retrieval", "engine", "simd", "simd.wasm");
    expect(readFileSync(compiled)).toEqual(readFileSync(join(repository, simd, "simd.wasm")));
    rmSync(compiled);
    expect(distPart.present(folder)).toBe(false);
    appendFileSync(join(folder, simd, "addresses.ts"), "// A comment\n");
    await expect(distPart.build(context(folder))).rejects.toThrow(/addresses.ts changed .* npm run simd/);
  });
});

describe("what is there but broken is made again:", () => {
  const addon = () => join(folder, bindingFile);
  const tried = () => join(folder, bindingFile, "..", ".loaded");

  beforeEach(() => {
    mkdirSync(join(folder, bindingFile, ".."), { recursive: true });
    writeFileSync(join(folder, bindingFile, "..", "load_library.node"), "");
  });

  it("a binding that Node cannot load", () => {
    writeFileSync(addon(), "cut");
    expect(bindingPart.present(folder)).toBe(false);
    expect(existsSync(tried())).toBe(false);
  });

  it("a binding that is not the one that was loaded; that one is not loaded again", () => {
    symlinkSync(join(repository, bindingFile), addon());
    expect(bindingPart.present(folder)).toBe(true);
    const record = readFileSync(tried(), "utf8");
    rmSync(addon());
    writeFileSync(addon(), "damaged");
    expect(bindingPart.present(folder)).toBe(false);
    const { size, mtimeMs } = statSync(addon());
    expect(record).not.toBe(`${size} ${mtimeMs}\n`);
    writeFileSync(tried(), `${size} ${mtimeMs}\n`);
    expect(bindingPart.present(folder)).toBe(true);
  });

  it("npm's note of what it has installed", () => {
    const note = join(folder, "node_modules", ".package-lock.json");
    writeFileSync(note, '{ "packages": {} }');
    expect(packagesPart.present(folder)).toBe(true);
    writeFileSync(note, '{ "packa');
    expect(packagesPart.present(folder)).toBe(false);
  });

  it("the kernel's description, and a stamp that is a folder", () => {
    mkdirSync(join(folder, ".venv", "bin"), { recursive: true });
    writeFileSync(join(folder, "requirements.txt"), "");
    writeFileSync(join(folder, "requirements-cpu.txt"), "");
    writeFileSync(join(folder, "requirements-cuda.txt"), "");
    kernelspecPart.build({ root: folder });
    expect(kernelspecPart.present(folder)).toBe(true);
    const description = join(folder, ".venv/share/jupyter/kernels/fct/kernel.json");
    writeFileSync(description, readFileSync(description, "utf8").slice(0, 40));
    expect(kernelspecPart.present(folder)).toBe(false);
    mkdirSync(join(folder, kernelspecPart.stamp));
    removeStamp(kernelspecPart, folder);
    writeStamp(kernelspecPart, folder);
  });
});

describe("what works is kept", () => {
  /** A Python that makes environments whose pip does as told. */
  function python(pip: string): string {
    const bin = join(folder, "python");
    const inner = `#!/bin/sh\n${pip}\n`;
    script(bin, `mkdir -p "$3/bin"; printf '%s' '${inner}' > "$3/bin/python"; chmod +x "$3/bin/python"`);
    return bin;
  }

  beforeEach(() => {
    mkdirSync(join(folder, ".venv", "bin"), { recursive: true });
    writeFileSync(join(folder, ".venv", "bin", "python"), "the one before");
  });

  const environment = (): string => readFileSync(join(folder, ".venv", "bin", "python"), "utf8");

  it("when pip cannot reach its index", async () => {
    const built = pythonPart.build({ root: folder, lock: "ignore", python: python("echo no route to host; exit 1") });
    await expect(built).rejects.toThrow(/no route to host[\s\S]*\.venv is kept as it was/);
    expect(environment()).toBe("the one before");
    expect(existsSync(join(folder, ".venv.before"))).toBe(false);
  });

  it("until the new environment is whole, and without what nothing needs", async () => {
    const wheel = [
      ...["libtensorflow_cc.so.2", "libtensorflow_framework.so.2", "include/tensorflow/c/c_api.h"],
      ...["include/xla/tsl/c/tsl_status.h", "include/absl/status.h", "python/ops.py"],
      ...["tsl", "tensorflow/core"].flatMap((part) =>
        ["ctstring.h", "ctstring_internal.h"].map((name) => `include/${part}/platform/${name}`),
      ),
    ].map((name) => `tensorflow/${name}`);
    const packages = [...wheel, "plotly/package_data/plotly.min.js", "plotly/express/__init__.py"];
    const site = ".venv/lib/python3/site-packages";
    const pip = packages.map((name) => `mkdir -p ${site}/${dirname(name)}; : > ${site}/${name}`).join("; ");
    await pythonPart.build({ root: folder, lock: "ignore", python: python(pip) });
    const gone = packages.filter((name) => !existsSync(join(folder, site, name)));
    expect(gone).toEqual(packages.filter((name) => /absl|python\/ops|express/.test(name)));
    expect(existsSync(join(folder, ".venv.before"))).toBe(false);
  });

  it("and comes back after a run that was killed", async () => {
    spawnSync("mv", [join(folder, ".venv"), join(folder, ".venv.before")]);
    mkdirSync(join(folder, ".venv"));
    const failing = replaceFolder(join(folder, ".venv"), () => Promise.reject(new Error("still no network")));
    await expect(failing).rejects.toThrow(/still no network[\s\S]*kept as it was/);
    expect(environment()).toBe("the one before");
  });

  it("that is half removed after a set-up which was killed does not come back", async () => {
    const venv = join(folder, ".venv");
    writeFileSync(join(venv, "state"), "old");
    const program = `
      import { replaceFolder } from ${JSON.stringify(join(repository, "lib/cli/setup/aside.mjs"))};
      import fs from "node:fs";
      import { syncBuiltinESMExports } from "node:module";
      const { rmSync } = fs;
      fs.rmSync = (path, options) => {
        if (!fs.existsSync(path)) return;
        rmSync(path + "/state");
        process.kill(process.pid, "SIGKILL");
      };
      syncBuiltinESMExports();
      const venv = process.argv[1];
      await replaceFolder(venv, async () => {
        fs.mkdirSync(venv);
        fs.writeFileSync(venv + "/state", "new");
      });`;
    const { signal } = spawnSync(process.execPath, ["--input-type=module", "-e", program, venv]);
    expect(signal).toBe("SIGKILL");
    await expect(replaceFolder(venv, () => Promise.reject(new Error("no network")))).rejects.toThrow("no network");
    expect(readFileSync(join(venv, "state"), "utf8")).toBe("new");
    expect(readdirSync(folder)).toEqual([".venv"]);
  });
});

it.each([
  [
    "a clone of somebody else",
    /set-up stopped: .*clone has to be set up, but cannot be written \(EACCES\): let its owner/,
  ],
])("%s stops with one line", (_, line) => {
  const bin = pathWith({ g: "g++", python3: "3.12" });
  const clone = skeleton();
  chmodSync(folder, 0o755);
  chmodSync(clone, 0o555);
  // The superuser may write everywhere: the set-up runs as another user.
  const user = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};
  const { status, stderr } = spawnSync(process.execPath, [join(clone, "lib/cli/setup.mjs")], {
    encoding: "utf8",
    env: { PATH: bin },
    ...user,
  });
  chmodSync(clone, 0o755);
  expect(stderr.trim()).toMatch(line);
  expect(stderr.trim().split("\n")).toHaveLength(1);
  expect(status).toBe(1);
});

it("two set-ups of a folder take turns, and a killed one leaves no lock behind", async () => {
  const lock = join(folder, ".lock");
  const holder = spawn(process.execPath, ["--input-type=module", "-e", holding(lock)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await new Promise((held) => holder.stdout.once("data", held));
  let entered = false;
  const waiting = underLock(lock, findPython(), async () => {
    entered = true;
  });
  expect(entered).toBe(true);
  await waiting;
});

/** A program that takes the lock, says so, and is killed half a second later without giving it back. */
function holding(lock: string): string {
  const module = join(repository, "lib/cli/setup/lock.mjs");
  return `import { underLock } from ${JSON.stringify(module)};
    await underLock(${JSON.stringify(lock)}, ${JSON.stringify(findPython())}, async () => {
      console.log("held");
      await new Promise((resolve) => setTimeout(resolve, 500));
      process.kill(process.pid, "SIGKILL");
    });`;
}

/** A folder that holds only stand-ins of the named programs, to be the whole PATH. */
function pathWith({ g, python3 }: { readonly g?: string; readonly python3?: string }): string {
  const bin = join(folder, "bin");
  mkdirSync(bin);
  if (g !== undefined) script(join(bin, g), "exit 0");
  if (python3 !== undefined) {
    const [version, bare] = python3.split(" ");
    script(join(bin, "python3"), `echo ${version}; echo ${join(bin, "python3")}; exit ${bare === undefined ? 0 : 1}`);
  }
  return bin;
}

function script(path: string, body: string): void {
  writeFileSync(path, `#!/bin/sh\n${body}\n`);
  chmodSync(path, 0o755);
}

/** The set-up's own files in an otherwise empty clone. */
function skeleton(): string {
  const clone = join(folder, "clone");
  mkdirSync(join(clone, "lib"), { recursive: true });
  spawnSync("/bin/cp", ["-r", join(repository, "lib", "cli"), join(clone, "lib", "cli")]);
  for (const name of ["package-lock.json", "requirements.txt", "requirements-cpu.txt", "tsconfig.json"]) {
    writeFileSync(join(clone, name), readFileSync(join(repository, name)));
  }
  return clone;
}
