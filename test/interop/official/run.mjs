// Weights to and from other programs: `npm run test:interop`. Makes a Python environment of its own (.venv-interop, about
// 1.5 GB), imports files that PyTorch writes, exports networks of this library, and compares the embeddings of both sides.
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(new URL(".", import.meta.url));
const root = fileURLToPath(new URL("../../..", import.meta.url));
const library = (path) => createRequire(import.meta.url)(join(root, "lib", "dist", `${path}.js`));
const program = join(root, "lib", "dist", "cli", "fct.js");
const environment = join(root, ".venv-interop");
const python = join(environment, "bin", "python");
process.env.TF_CPP_MIN_LOG_LEVEL ??= "2";

const { openTransformation } = library("adapters/open-transformation");
const { writeArtifact, readArtifact } = library("core/artifacts/store");
const { matrix } = library("core/matrix");
const { random } = library("core/random");
const { readMatrix } = library("files/matrix-file");
const { readWeights } = library("files/weights");
const { initialResNet, resnet } = library("nn/networks/resnet");
const { evaluation } = library("nn/pass");
const { initialTransformation } = library("nn/transformation");
const { toTensors } = library("nn/weights");
const { tf } = library("tf/tensorflow");

const tolerance = 1e-4;
const rows = 5;

const backbones = [
  { name: "resnet-18", side: 32, sizes: { depth: 18, embedding: 12, width: 8 }, classes: 6 },
  { name: "resnet-34-small-stem", side: 33, sizes: { depth: 34, embedding: 8, width: 4, stem: "small" } },
  { name: "wide-resnet-50-2", side: 45, sizes: { depth: 50, embedding: 16, width: 4, wide: 2 } },
  { name: "resnet-101", side: 64, sizes: { depth: 101, embedding: 16, width: 4 } },
];
const dimensions = { old: 6, side: 5, target: 7, inner: 16 };
const forms = [
  { name: "h", form: {}, official: true },
  { name: "h-shallow", form: { layers: 0 }, official: true },
  { name: "h-deep", form: { layers: 4 }, official: true },
  { name: "linear", form: { linear: true } },
  { name: "low-rank", form: { linear: true, variant: "factored" } },
  { name: "residual", form: { linear: true, variant: "residual" } },
];

const folder = mkdtempSync(join(tmpdir(), "fct-interop-"));
try {
  prepare();
  console.log("files of PyTorch, imported:");
  demand(python, [join(here, "write.py"), folder]);
  let failures = await imported();
  console.log("tables of Apache Arrow, read:");
  failures += await tables();
  console.log("networks of this library, exported:");
  await exported();
  failures += run(python, [join(here, "compare.py"), folder]) === 0 ? 0 : 1;
  console.log(failures === 0 ? "test:interop: all agree within 1e-4" : "test:interop: FAILED");
  process.exitCode = failures === 0 ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** The environment of the pinned packages, made again when they change. */
function prepare() {
  const [wanted, stamp] = [join(here, "requirements.txt"), join(environment, ".requirements.txt")];
  const text = readFileSync(wanted, "utf8");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === text) return;
  console.log(`installing PyTorch and ONNX Runtime into ${environment} ...`);
  rmSync(environment, { recursive: true, force: true });
  demand(join(root, ".venv", "bin", "python"), ["-m", "venv", environment]);
  demand(python, ["-m", "pip", "install", "--quiet", "--requirement", wanted]);
  writeFileSync(stamp, text);
}

/** Imports every file that write.py made; how many are not what they should be. */
async function imported() {
  const inputs = await readWeights(join(folder, "inputs.safetensors"));
  let failures = 0;
  for (const { name, role, part } of JSON.parse(readFileSync(join(folder, "cases.json"), "utf8"))) {
    const out = join(folder, `${name}.imported.safetensors`);
    const words = [program, "import", join(folder, name), "--as", role, "--out", out];
    demand(process.execPath, part === null ? words : [...words, "--part", part]);
    const { arrays, facts } = readArtifact(out);
    const found =
      role === "transformation"
        ? mapped(arrays, inputs.old, inputs.side)
        : embedded(facts.architecture, arrays, inputs.images);
    failures += report(`${name} as ${role}`, found, inputs[`output.${name}`].data);
  }
  return failures;
}

/** Reads every table that write.py made; how many are not the vectors that it wrote. */
async function tables() {
  const { table } = await readWeights(join(folder, "inputs.safetensors"));
  const names = JSON.parse(readFileSync(join(folder, "tables.json"), "utf8"));
  const wrong = [];
  for (const name of names) {
    const { rows, columns, data } = await readMatrix(join(folder, name));
    const ok = [rows, columns].join() === table.shape.join() && data.every((value, i) => value === table.data[i]);
    if (!ok) wrong.push(name);
  }
  for (const name of wrong) console.log(`FAIL ${name}`);
  console.log(
    `${wrong.length === 0 ? "ok  " : "FAIL"} ${names.length - wrong.length} of ${names.length} Parquet files`,
  );
  return wrong.length;
}

/** Makes networks, and exports each with what it computes. */
async function exported() {
  const cases = [];
  for (const { name, side, sizes, classes } of backbones) {
    const architecture = { kind: "resnet", ...sizes };
    const weights = varied(initialResNet(architecture, random("interop", name)), name);
    const classifier = classes && { classifier: drawn([sizes.embedding, classes], random("classifier")) };
    const images = drawn([rows, side, side, 3], random("images", name));
    await exportAs(name, { ...weights, ...classifier }, { images, output: embedded(architecture, weights, images) });
    cases.push({ name, kind: "backbone", official: true, sizes: { ...sizes, ...(classes && { classes }) } });
  }
  for (const { name, form, official = false } of forms) {
    const weights = varied(initialTransformation({ ...dimensions, ...form }, random("interop", name)), name);
    const [old, side] = ["old", "side"].map((each) => drawn([rows, dimensions[each]], random(each, name)));
    const both = drawn([rows, dimensions.old + dimensions.side], random());
    for (let i = 0; i < rows; i++) both.data.set([...rowOf(old, i), ...rowOf(side, i)], i * both.shape[1]);
    const inputs = form.linear ? { input: both } : { old, side };
    await exportAs(name, weights, { ...inputs, output: mapped(weights, old, side) }, official);
    const { layers = 2 } = form;
    cases.push({ name, kind: "h", official, inputs: Object.keys(inputs), sizes: { ...dimensions, layers } });
  }
  writeFileSync(join(folder, "exported.json"), JSON.stringify(cases));
}

async function exportAs(name, weights, { output, ...inputs }, official = true) {
  const file = join(folder, `${name}.safetensors`);
  writeArtifact(file, { arrays: weights, facts: {} });
  writeArtifact(join(folder, `${name}.inputs.safetensors`), {
    arrays: { ...inputs, output: { shape: [rows, output.length / rows], data: output } },
    facts: {},
  });
  const formats = { onnx: `${name}.onnx`, ...(official && { "torchscript-names": `${name}.official.safetensors` }) };
  for (const [format, out] of Object.entries(formats)) {
    demand(process.execPath, [program, "export", file, "--format", format, "--out", join(folder, out)]);
  }
}

function embedded(architecture, weights, { shape, data }) {
  return tf.tidy(() => resnet(architecture, evaluation(toTensors(weights)), tf.tensor(data, [...shape])).dataSync());
}

function mapped(weights, old, side) {
  const h = openTransformation(weights, "h");
  const found = h.mapAll({ old: matrix(...old.shape, old.data), side: matrix(...side.shape, side.data) });
  h.dispose();
  return found.embeddings.data;
}

function rowOf({ shape: [, columns], data }, row) {
  return data.subarray(row * columns, (row + 1) * columns);
}

function drawn(shape, stream) {
  const length = shape.reduce((a, b) => a * b, 1);
  return { shape, data: Float32Array.from({ length }, () => stream.normal()) };
}

/** Normalisations that are not identities. */
function varied(weights, name) {
  const stream = random("interop norms", name);
  const entries = Object.entries(weights).map(([key, { shape, data }]) => {
    const middle = /\.(scale|variance)$/.test(key) ? 1 : /\.(offset|mean)$/.test(key) ? 0 : null;
    return [
      key,
      middle === null ? { shape, data } : { shape, data: data.map(() => middle + 0.3 * (2 * stream.uniform() - 1)) },
    ];
  });
  return Object.fromEntries(entries);
}

function report(label, found, expected) {
  // Embeddings of networks that were not trained may be large.
  const size = Math.max(1, ...expected.map(Math.abs));
  const apart = Math.max(...expected.map((value, i) => Math.abs(value - found[i]))) / size;
  const ok = found.length === expected.length && apart < tolerance;
  console.log(`${ok ? "ok  " : "FAIL"} ${label}: ${apart.toExponential(1)} apart, of at most ${size.toPrecision(2)}`);
  return ok ? 0 : 1;
}

function run(command, words) {
  return spawnSync(command, words, { stdio: ["ignore", "inherit", "inherit"], cwd: root }).status;
}

function demand(command, words) {
  const { status, stdout, stderr } = spawnSync(command, words, { encoding: "utf8", cwd: root });
  if (status === 0) return;
  throw new Error(`${[command, ...words].join(" ")}\n${stdout}${stderr}`);
}
