// Where things are in the text of cells: scripts are known by name with their source maps, and stacks name places in the
// text that was written instead of places in what was compiled from it.
const { SourceMap } = require("node:module");
const { join } = require("node:path");
const { readFileSync } = require("node:fs");
const vm = require("node:vm");

/** The first line of what tslab compiles is its own. */
const LINES_ABOVE = 1;
const CELL_FILE = "__tslab__.js";

/** Scripts by the name under which they run. */
const scripts = new Map();
/** The cell that runs or is compiled: its name, its text and, once compiled, its script. */
let cell = { name: "cell", source: "", script: null };

const { runInThisContext } = vm;
vm.runInThisContext = (code, options) => {
  const { script, name, source } = cell;
  const start = script === null || typeof code !== "string" ? -1 : code.indexOf(script.code);
  if (start < 0) return runInThisContext(code, options);
  scripts.set(name, { ...script, source, shown: name, start, above: LINES_ABOVE });
  // Node would show a line of the compiled text above the stack.
  return runInThisContext(code, { ...options, filename: name, displayErrors: false });
};

Error.prepareStackTrace = (error, frames) => {
  // Below the last frame of a cell is only what runs cells.
  const last = frames.findLastIndex((frame) => scripts.has(frame.getFileName()));
  const shown = last < 0 ? frames : frames.slice(0, last + 1);
  return [headOf(error), ...shown.flatMap(frameText).map((frame) => `    at ${frame}`)].join("\n");
};

/** Begins a cell, which has its number as in the notebook's margin. */
function enterCell(count, source) {
  cell = { name: `cell [${count}]`, source, script: null };
}

/** The name of the cell that runs. */
function cellName() {
  return cell.name;
}

/** Takes what was compiled: of the cell, or of a file that it imports. */
function addScript(emittedAs, { code, maps }) {
  const path = emittedAs.replace(/^outDir\//, "");
  const lines = code.split("\n").length;
  if (path === CELL_FILE) cell.script = { code, maps, lines };
  else {
    const written = join(process.cwd(), path.replace(/\.js$/, ".ts"));
    scripts.set(join(process.cwd(), path), { maps, lines, shown: written, source: null, start: 0, above: 0 });
  }
}

/** A source map from its JSON. */
function mapOf(text) {
  return new SourceMap(JSON.parse(text));
}

/** A place in the written text, from one in a script, lines and columns counted from 1; null if there is none. */
function placeOf(script, line, column) {
  if (line > script.lines) return null;
  let place = { line: line - 1, column: column - 1 - (line === 1 ? script.start : 0) };
  for (const map of script.maps) {
    const { originalLine, originalColumn } = map.findEntry(place.line, Math.max(0, place.column));
    if (originalLine === undefined) return null;
    place = { line: originalLine, column: originalColumn };
  }
  return { line: place.line + 1 - script.above, column: place.column + 1 };
}

/** A frame of a stack, none if it is of the wrapping around a cell. */
function frameText(frame) {
  const script = scripts.get(frame.getFileName());
  if (script === undefined) return [String(frame)];
  const [line, column] = [frame.getLineNumber(), frame.getColumnNumber()];
  const place = placeOf(script, line, column);
  if (place === null) return [];
  const written = `${script.shown}:${place.line}:${place.column}`;
  // A function of an earlier cell is called as a member of tslab's `exports`, which is a proxy.
  const call = String(frame).replace(/^(async )?Proxy\./, "$1");
  return [call.replace(`${frame.getFileName()}:${line}:${column}`, () => written)];
}

function headOf(error) {
  try {
    return String(error);
  } catch {
    return "Error";
  }
}

/** The text of a cell or file that a stack names; null if it is unknown. */
function writtenText(shown) {
  if (shown === cell.name) return cell.source;
  const script = [...scripts.values()].find((each) => each.shown === shown);
  if (script === undefined) return null;
  return script.source ?? readText(shown);
}

function readText(path) {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
}

module.exports = { addScript, cellName, enterCell, mapOf, writtenText };
