// What goes wrong in a cell, and how it is told: the compiler's complaints and what was thrown, each with the lines around.
const { inspect } = require("node:util");
const { resolve } = require("node:path");
const { cellName, writtenText } = require("./places.cjs");

const LINES_AROUND = 2;
const INTERNAL = /^\s+at .*(node:|node_modules\/tslab\/|lib\/cli\/kernel\/)/;
/** A frame of a stack in a cell or in a TypeScript file: name, line and column. */
const WRITTEN = /^\s+at (?:.*\()?(cell \[\d+\]|\/.*\.ts):(\d+):(\d+)\)?$/;

/** What went wrong in the running cell, thrown values as they are and the compiler's complaints with their places. */
let complaints = [];

/** Adds what went wrong, once: a rejected promise may be seen twice. */
function complain(complaint) {
  const known =
    "thrown" in complaint && complaints.some((other) => "thrown" in other && other.thrown === complaint.thrown);
  if (!known) complaints.push(complaint);
}

/** Takes what tslab reports: the compiler's complaints as a format and its values, thrown values alone. */
function complainOf(...values) {
  if (values.length === 1) return complain({ thrown: values[0] });
  const [, file, line, column, message] = values;
  const last = complaints.at(-1);
  // The reasons of a complaint follow it, at the same place and without the file.
  if (last?.diagnostic && last.line === line && last.column === column && (file === "" || file === last.file))
    last.reasons.push(message);
  else complain({ diagnostic: message, file, line, column, reasons: [] });
}

function hasComplaints() {
  return complaints.length > 0;
}

/** The fields of Jupyter's `error` message: the first failure named, all of them in the traceback. */
function failure() {
  const failures = complaints;
  complaints = [];
  const first = failures[0] ?? { thrown: new Error("the cell failed without saying why") };
  const traceback = failures.flatMap(linesOf);
  if ("diagnostic" in first) return { ename: "TypeScriptError", evalue: sentenceOf(first), traceback };
  const { thrown } = first;
  if (!(thrown instanceof Error)) return { ename: "Thrown", evalue: inspect(thrown), traceback };
  return { ename: thrown.name, evalue: thrown.message, traceback };
}

function sentenceOf({ file, line, column, diagnostic }) {
  return `${file}${line}:${column} - ${diagnostic}`;
}

function linesOf(complaint) {
  return "diagnostic" in complaint ? linesOfDiagnostic(complaint) : linesOfThrown(complaint.thrown);
}

function linesOfDiagnostic({ file, line, column, diagnostic, reasons }) {
  const shown = file === "" ? cellName() : resolve(file.trim());
  const place = `${file === "" ? cellName() : file.trim()}:${line}:${column}`;
  return [`${place} - ${diagnostic}`, ...reasons.map((reason) => `  ${reason}`), ...codeFrame(shown, line, column)];
}

function linesOfThrown(thrown) {
  const lines = inspect(thrown)
    .split("\n")
    .filter((line) => !INTERNAL.test(line));
  const at = lines.findIndex((line) => WRITTEN.test(line));
  const [, shown, line, column] = WRITTEN.exec(lines[at] ?? "") ?? [];
  if (shown === undefined) return lines;
  const stack = lines.findIndex((each) => /^\s+at /.test(each));
  return [...lines.slice(0, stack), ...codeFrame(shown, Number(line), Number(column)), ...lines.slice(stack)];
}

/** The lines around a place, numbered, with a caret below it, between empty lines; none if the text is unknown. */
function codeFrame(shown, line, column) {
  const lines = writtenText(shown)?.split("\n") ?? [];
  if (line < 1 || line > lines.length) return [];
  const first = Math.max(1, line - LINES_AROUND);
  const width = String(Math.min(lines.length, line + LINES_AROUND)).length;
  const frame = lines.slice(first - 1, line + LINES_AROUND).flatMap((text, index) => {
    const here = first + index === line;
    const numbered = `${here ? ">" : " "} ${String(first + index).padStart(width)} | ${text}`.trimEnd();
    return here ? [numbered, `  ${" ".repeat(width)} | ${" ".repeat(column - 1)}^`] : [numbered];
  });
  return ["", ...frame, ""];
}

module.exports = { complain, complainOf, failure, hasComplaints };
