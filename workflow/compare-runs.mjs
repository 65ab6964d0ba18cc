// Compares what two runs have made; ends with exit code 1 and the first difference.
//   compare-runs.mjs PLAN CACHE OTHER-CACHE        the artifacts of a plan's steps, byte by byte
//   compare-runs.mjs --results FILE OTHER-FILE     two results, but for the record of their making
//   compare-runs.mjs --changed PLAN LATER-PLAN LOG...   whether exactly the steps ran that only the later plan has
import { readFileSync } from "node:fs";
import { join } from "node:path";

// Speeds are measured, not computed.
const measured = new Set(["throughput"]);

const read = (path) => JSON.parse(readFileSync(path, "utf8"));

function differ(what) {
  console.error(`different: ${what}`);
  process.exit(1);
}

function artifacts(plan, cache, other) {
  const steps = read(plan).steps.filter(({ kind }) => !measured.has(kind));
  let bytes = 0;
  for (const { artifact, label } of steps) {
    const [one, two] = [cache, other].map((folder) => readFileSync(join(folder, artifact)));
    if (!one.equals(two)) differ(`${artifact} (${label})`);
    bytes += one.length;
  }
  console.log(`${steps.length} artifacts, ${bytes} bytes: equal`);
}

/** The text of a result without when, where and in how many seconds its pieces were made. */
function withoutMaking(path) {
  const { run, ...result } = read(path);
  const pieces = run.pieces.map(({ label, key }) => [label, key]);
  return JSON.stringify([result, pieces]);
}

function results(one, two) {
  if (withoutMaking(one) !== withoutMaking(two)) differ(`${one} and ${two}`);
  console.log(`${one} and ${two}: equal but for dates, seconds and machine`);
}

function changed(before, after, ...logs) {
  const known = new Set(read(before).steps.map(({ key }) => key));
  const { steps } = read(after);
  const expected = steps.filter(({ key }) => !known.has(key));
  const names = expected.map(({ artifact }) => artifact.replace(/safetensors$/, "log")).sort();
  if (names.length === 0 || names.length === steps.length) differ(`${names.length} steps depend on the change`);
  if (JSON.stringify(logs.sort()) !== JSON.stringify(names)) differ(`ran ${logs}, expected ${names}`);
  const kinds = [...new Set(expected.map(({ kind }) => kind))].sort();
  console.log(`a changed recipe ran ${names.length} of ${steps.length} steps, those that depend on it: ${kinds.join(", ")}`);
}

const [first, ...rest] = process.argv.slice(2);
if (first === "--results") results(...rest);
else if (first === "--changed") changed(...rest);
else artifacts(first, ...rest);
