import { spawnSync } from "node:child_process";

/** A fault that the user can correct; the message says how. */
export class SetupError extends Error {}

const MINIMUM_NODE = 20;
const PYTHONS = ["python3", "python3.13", "python3.12", "python3.11", "python3.10"];
const PYTHON_PROBE = [
  "import sys, fcntl",
  "print('%d.%d' % sys.version_info[:2], sys.executable, sep='\\n')",
  "import venv, ensurepip",
].join("\n");

/** Throws SetupError unless this is Node 20 or later. */
export function checkNode(version = process.versions.node) {
  if (Number(version.split(".")[0]) >= MINIMUM_NODE) return;
  throw new SetupError(`Node ${version} is too old, ${MINIMUM_NODE} or later is needed: nvm install ${MINIMUM_NODE}`);
}

/** Throws SetupError unless this is Linux on x86-64, which TensorFlow's wheels are for. */
export function checkPlatform(platform = process.platform, architecture = process.arch) {
  if (platform === "linux" && architecture === "x64") return;
  throw new SetupError(
    `${platform} ${architecture} is not supported, Linux on x86-64 is: use a container or a virtual machine`,
  );
}

/** The path of a Python 3.10 to 3.13 with the venv module. Throws SetupError if there is none. */
export function findPython() {
  const found = PYTHONS.map(probePython).filter((probe) => probe !== null);
  const fitting = found.find((probe) => probe.supported && probe.venv);
  if (fitting !== undefined) return fitting.path;
  const bare = found.find((probe) => probe.supported);
  if (bare !== undefined) {
    throw new SetupError(
      `Python's venv module is missing from ${bare.path}: sudo apt install python${bare.version}-venv`,
    );
  }
  const versions = found.map((probe) => probe.version).join(", ");
  throw new SetupError(
    `Python 3.10 to 3.13 is missing (found: ${versions === "" ? "none" : versions}): sudo apt install python3 python3-venv`,
  );
}

/** The command of the C++ compiler: $CXX if set, otherwise the first of g++, c++ and clang++. */
export function findCompiler() {
  const named = process.env.CXX;
  const candidates = named ? [named] : ["g++", "c++", "clang++"];
  const compiler = candidates.find((command) => spawnSync(command, ["--version"]).status === 0);
  if (compiler !== undefined) return compiler;
  throw new SetupError(`a C++ compiler is missing (tried: ${candidates.join(", ")}): sudo apt install g++`);
}

function probePython(command) {
  const { status, stdout } = spawnSync(command, ["-c", PYTHON_PROBE], { encoding: "utf8", env: pythonEnvironment() });
  const [version = "", path = ""] = (stdout ?? "").split("\n");
  if (!/^3\.\d+$/.test(version) || path === "") return null;
  const minor = Number(version.slice(2));
  return { version, path, supported: minor >= 10 && minor <= 13, venv: status === 0 };
}

/** The environment for Python, without variables that would add foreign packages. */
export function pythonEnvironment() {
  const { PYTHONPATH: _path, PYTHONHOME: _home, PIP_TARGET: _target, PIP_USER: _user, ...rest } = process.env;
  return { ...rest, PYTHONNOUSERSITE: "1", PIP_DISABLE_PIP_VERSION_CHECK: "1", PIP_NO_INPUT: "1" };
}
