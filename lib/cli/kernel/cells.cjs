// How a cell runs: its failures are collected, and its last value is shown as `show` shows it.
const { join } = require("node:path");
const { inspect, types } = require("node:util");
const { complain, complainOf, failure, hasComplaints } = require("./failures.cjs");
const { forgetInterrupt, turn, untilInterrupted } = require("./interrupts.cjs");
const { enterCell } = require("./places.cjs");
const { describeAt } = require("./signatures.cjs");
const { root } = require("./tslab.cjs");

/** Cells that were asked for and are not answered. */
let unfinished = 0;

/** The values of the cell's last expression, at most one. */
let values = [];

/** Runs `start` while tslab takes the functions by which it reports failures and prints last values. */
function capturingConsole(start) {
  const { error, log } = console;
  console.error = complainOf;
  console.log = (value) => values.push(value);
  start();
  Object.assign(console, { error, log });
}

function mendCells(handler) {
  const { handleKernel, handleExecute, handleExecuteImpl, handleInspect, handleComplete } = handler;
  handler.handleKernel = function () {
    return { status: "ok", ...handleKernel.call(this) };
  };
  handler.handleExecuteImpl = async function (request, ...writers) {
    enterCell(this.execCount + 1, request.code);
    this.onStart(request, this.execCount + 1);
    values = [];
    const count = await handleExecuteImpl.call(this, request, ...writers);
    await showLast((data) => this.onResult(data, count.count));
    // Node reports a rejection that nobody awaits only after the promises at hand have run.
    await turn();
    if (hasComplaints()) throw count;
    return count;
  };
  handler.handleExecute = async function (...message) {
    // An interrupt counts from the moment at which the kernel calls itself busy, before the cell is compiled.
    if (unfinished === 0) forgetInterrupt();
    unfinished++;
    const reply = await handleExecute.apply(this, message);
    unfinished--;
    forgetInterrupt();
    if (reply.status === "abort") return { ...reply, status: "aborted" };
    return reply.status === "error" ? { ...reply, ...failure() } : reply;
  };
  handler.handleInspect = function ({ code, cursor_pos }) {
    const request = { code, cursor_pos: unitsOf(code, cursor_pos) };
    return describeAt(request, handleInspect.call(this, request));
  };
  handler.handleComplete = function ({ code, cursor_pos }) {
    const reply = handleComplete.call(this, { code, cursor_pos: unitsOf(code, cursor_pos) });
    const [cursor_start, cursor_end] = [reply.cursor_start, reply.cursor_end].map(
      (at) => [...code.slice(0, at)].length,
    );
    return { ...reply, cursor_start, cursor_end };
  };
}

/** Jupyter counts characters, and JavaScript the units of UTF-16. */
function unitsOf(code, characters) {
  return [...code].slice(0, characters).join("").length;
}

/** Shows the last value; what a promise comes to, as it would be easy to forget the `await`. */
async function showLast(showText) {
  try {
    for (const left of values) {
      const value = types.isPromise(left) ? await untilInterrupted(left) : left;
      if (value === undefined || value === null) continue;
      if (isPicture(value)) await require(join(root, "lib", "dist", "report", "show.js")).show(value);
      else showText({ "text/plain": inspect(value) });
    }
  } catch (thrown) {
    complain({ thrown });
  }
}

/** Whether a value is a figure or a data frame, by its members. */
function isPicture({ data, layout, columns, values: rows }) {
  const isFigure = Array.isArray(data) && data.every(isTrace) && (typeof layout === "object" || data.length > 0);
  return isFigure || (Array.isArray(columns) && Array.isArray(rows));
}

function isTrace(trace) {
  return typeof trace === "object" && trace !== null && typeof trace.type === "string";
}

module.exports = { capturingConsole, mendCells };
