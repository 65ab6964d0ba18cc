// What an interrupt does: running work that listens for it saves itself first; a second one ends the cell at once.
const vm = require("node:vm");
const { complain } = require("./failures.cjs");

let asked = false;
let interruptCell = () => {};
/** Ends the waiting for a value that the cell left as a promise. */
let stopWaiting = () => {};

/** A new cell has not been interrupted. */
function forgetInterrupt() {
  asked = false;
}

/** tslab prints stray failures and interrupts a cell at once; here the former fail it and the latter is held back once. */
function holdInterrupts() {
  interruptCell = process.listeners("SIGINT").at(-1);
  process.removeListener("SIGINT", interruptCell);
  const onInterrupt = () => {
    const workListens = process.listenerCount("SIGINT") > 1;
    if (asked || !workListens) interruptCell();
    if (asked || !workListens) stopWaiting(new Error("Interrupted asynchronously"));
    asked = true;
  };
  stayFirst(onInterrupt);
  for (const event of ["uncaughtException", "unhandledRejection"]) {
    process.removeAllListeners(event);
    process.on(event, (thrown) => complain({ thrown }));
  }
}

/**
 * Running a cell takes the listeners off and adds them again, behind those of the cell, and leaves the process to be ended by
 * the signal when the cell has added one. Afterwards all of them are registered anew, `listener` before the others.
 */
function stayFirst(listener) {
  const { runInThisContext } = vm;
  process.on("SIGINT", listener);
  vm.runInThisContext = (...script) => {
    try {
      return runInThisContext(...script);
    } finally {
      const others = process.rawListeners("SIGINT").filter((other) => other !== listener);
      process.removeAllListeners("SIGINT");
      for (const each of [listener, ...others]) process.on("SIGINT", each);
    }
  };
}

/** What a promise comes to, or a rejection if the cell is interrupted meanwhile. */
function untilInterrupted(promise) {
  const interrupted = new Promise((_, reject) => {
    stopWaiting = reject;
  });
  return Promise.race([promise, interrupted]);
}

module.exports = { forgetInterrupt, holdInterrupts, untilInterrupted };
