// The Jupyter kernel of the notebooks: tslab, started in notebooks/, with the gaps of its message protocol filled and its
// compiler mended. A failing cell says so in an `error` message, a rejection that nobody awaits fails the cell, an
// interrupt waits for running work to save itself, and the process never outlives the program that started it.
const { join, relative } = require("node:path");
const { Worker } = require("node:worker_threads");
const { root, requireOf } = require("./tslab.cjs");

const PARENT_POLL_MILLISECONDS = 500;

enterNotebooks();
endWithParent();
process.env.TF_CPP_MIN_LOG_LEVEL ??= "2";
// tslab takes the compiler that this leaves behind.
require("./compiler.cjs");
const { admitSigned, echoInTurn } = require("./admission.cjs");
const { mendCells, capturingConsole } = require("./cells.cjs");
const { awaitCells, holdInterrupts } = require("./interrupts.cjs");
const { mendMessages } = require("./messages.cjs");

const { JupyterHandlerImpl, ZmqServer } = requireOf("./jupyter.js");
mendCells(JupyterHandlerImpl.prototype);
mendMessages(ZmqServer.prototype);
admitSigned(ZmqServer.prototype);
awaitCells(requireOf("./converter.js"));
echoInTurn(requireOf("zeromq").Reply.prototype);
capturingConsole(() => requireOf("./main.js").startKernel({ configPath: process.argv[2], enableFindLocal: false }));
holdInterrupts();

/** Notebooks import "../lib" and tslab resolves imports from the working folder: it is notebooks/ or a folder in it. */
function enterNotebooks() {
  const notebooks = join(root, "notebooks");
  if (relative(notebooks, process.cwd()).startsWith("..")) process.chdir(notebooks);
}

/** Ends this process when its parent does, from a second thread so that long native work does not delay it. */
function endWithParent() {
  const watch = `const parent = process.ppid;
    setInterval(() => { if (process.ppid !== parent) process.kill(process.pid, "SIGKILL"); }, ${PARENT_POLL_MILLISECONDS});`;
  new Worker(watch, { eval: true, stdout: true, stderr: true }).unref();
}
