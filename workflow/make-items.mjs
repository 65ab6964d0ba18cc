// Made-up embeddings in shards: node workflow/make-items.mjs FOLDER ITEMS SHARDS [DIMENSIONS] [QUERIES] [CLASSES]
// FOLDER/old/part-*.npy, FOLDER/labels/part-*.npy, FOLDER/query.npy with query-labels.npy, and 10,000 pairs old and new to
// learn a map from (pairs-old.npy, pairs-new.npy). The new space is the old one with its dimensions in another order.
import { closeSync, mkdirSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";

const [folder, ...numbers] = process.argv.slice(2);
const [items, shards, dimensions = 128, queries = 500, classes = 10_000] = numbers.map(Number);
const pairs = 10_000;

/** xorshift: the same numbers on every machine. */
let state = 123456789;
function uniform() {
  state ^= state << 13;
  state ^= state >>> 17;
  state ^= state << 5;
  return (state >>> 0) / 2 ** 32;
}

/** About its class, a point of its own. */
const centres = Float32Array.from({ length: classes * dimensions }, () => uniform() - 0.5);
function enter(row, label, reversed) {
  for (let c = 0; c < dimensions; c++) {
    const at = reversed ? dimensions - 1 - c : c;
    row[at] = centres[label * dimensions + c] + 2.4 * (uniform() - 0.5);
  }
}

function header(descr, shape) {
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(", ")})`;
  const text = `{'descr': '${descr}', 'fortran_order': False, 'shape': ${tuple}, }`;
  const length = Math.ceil((10 + text.length + 1) / 64) * 64 - 10;
  const head = Buffer.alloc(10);
  head.write("\x93NUMPY\x01\x00", "latin1");
  head.writeUInt16LE(length, 8);
  return Buffer.concat([head, Buffer.from(`${text.padEnd(length - 1)}\n`)]);
}

function write(path, rows, labels, { reversed = false } = {}) {
  const file = openSync(path, "w");
  writeSync(file, header("<f4", [rows, dimensions]));
  const block = new Float32Array(4096 * dimensions);
  for (let first = 0; first < rows; first += 4096) {
    const count = Math.min(4096, rows - first);
    for (let i = 0; i < count; i++) {
      enter(block.subarray(i * dimensions, (i + 1) * dimensions), labels[first + i], reversed);
    }
    writeSync(file, new Uint8Array(block.buffer, 0, 4 * count * dimensions));
  }
  closeSync(file);
}

function writeLabels(path, labels) {
  const file = openSync(path, "w");
  writeSync(file, header("<i4", [labels.length]));
  writeSync(file, new Uint8Array(labels.buffer));
  closeSync(file);
}

function drawn(count) {
  return Int32Array.from({ length: count }, () => Math.floor(uniform() * classes));
}

for (const name of ["old", "labels"]) mkdirSync(join(folder, name), { recursive: true });
for (let shard = 0; shard < shards; shard++) {
  const rows = Math.floor((items * (shard + 1)) / shards) - Math.floor((items * shard) / shards);
  const labels = drawn(rows);
  const name = `part-${String(shard + 1).padStart(4, "0")}.npy`;
  write(join(folder, "old", name), rows, labels);
  writeLabels(join(folder, "labels", name), labels);
}
const asked = drawn(queries);
write(join(folder, "query.npy"), queries, asked, { reversed: true });
writeLabels(join(folder, "query-labels.npy"), asked);
const paired = drawn(pairs);
const start = state;
write(join(folder, "pairs-old.npy"), pairs, paired);
state = start;
write(join(folder, "pairs-new.npy"), pairs, paired, { reversed: true });
