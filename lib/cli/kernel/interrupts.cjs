// What an interrupt does: running work that listens for it saves itself first; a second one ends the cell at once.
const vm = require("node:vm");
const { complain } = require("./failures.cjs");

/** What tslab says of a cell that it interrupts. */
const INTERRUPTED = "Interrupted asynchronously";

/** Whether the cell at hand was interrupted; each cell has an object of its own. */
let cell = { asked: false };
let interruptCell = () => {};
/** Ends the waiting for a value that the cell left as a promise. */
let stopWaiting = () => {};

/** The next cell has not been interrupted. */
function forgetInterrupt() {
  cell = { asked: false };
}

/** tslab prints stray failures and interrupts a cell at once; here the former fail it and the latter is held back once. */
function holdInterrupts() {
  interruptCell = process.listeners("SIGINT").at(-1);
  process.removeListener("SIGINT", interruptCell);
  const onInterrupt = () => {
    const workListens = process.listenerCount("SIGINT") > 1;
    if (cell.asked || !workListens) interruptCell();
    if (cell.asked || !workListens) stopWaiting(new Error(INTERRUPTED));
    cell.asked = true;
  };
  stayFirst(onInterrupt);
  for (const event of ["uncaughtException", "unhandledRejection"]) {
    process.removeAllListeners(event);
    process.on(event, (thrown) => complain({ thrown }));
  }
}

/**
 * Running a cell takes the listeners off and adds them again, behind those of the cell, and leaves the process to be ended by
 * the signal when the cell has added one. Afterwards all of them are registered anew, `listener` before the others. An
 * interrupt that came while the cell was compiled would be lost with the listeners: it is heard first.
 */
function stayFirst(listener) {
  const { runInThisContext } = vm;
  const run = (...script) => {
    try {
      return runInThisContext(...script);
    } finally {
      const others = process.rawListeners("SIGINT").filter((other) => other !== listener);
      process.removeAllListeners("SIGINT");
      for (const each of [listener, ...others]) process.on("SIGINT", each);
    }
  };
  const runUnlessInterrupted = async (...script) => {
    const own = cell;
    await turn();
    if (own.asked) throw new Error(INTERRUPTED);
    return run(...script);
  };
  process.on("SIGINT", listener);
  vm.runInThisContext = (code, options) => (isCell(code, options) ? runUnlessInterrupted : run)(code, options);
}

/** Whether tslab is about to run a cell; all of them are asynchronous here (see awaitCells). */
function isCell(code, options) {
  return options?.breakOnSigint === true && code.startsWith("(async function(exports, require) {");
}

/** A turn of the event loop, in which a signal that has come is heard. */
async function turn() {
  for (let phase = 0; phase < 2; phase++) await new Promise((resolve) => setImmediate(resolve));
}

/** tslab waits for cells that contain an `await`; here for all of them, as an interrupt is heard before they run. */
function awaitCells(converters) {
  const { createConverter } = converters;
  converters.createConverter = (...options) => {
    const converter = createConverter(...options);
    const { convert } = converter;
    converter.convert = (...cell) => ({ ...convert(...cell), hasToplevelAwait: true });
    return converter;
  };
}

/** What a promise comes to, or a rejection if the cell is interrupted meanwhile. */
function untilInterrupted(promise) {
  const interrupted = new Promise((_, reject) => {
    stopWaiting = reject;
  });
  return Promise.race([promise, interrupted]);
}

module.exports = { awaitCells, forgetInterrupt, holdInterrupts, turn, untilInterrupted };
