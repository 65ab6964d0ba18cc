// The Jupyter kernel of the notebooks: tslab, started in notebooks/, with the gaps of its message protocol filled.
// A failing cell says so in an `error` message, a rejection that nobody awaits fails the cell, an interrupt waits for
// running work to save itself, and the process never outlives the program that started it. Messages that are not
// signed with the connection's key are dropped unread and counted.
const { createHmac, timingSafeEqual } = require("node:crypto");
const { writeSync } = require("node:fs");
const { inspect } = require("node:util");
const { join, relative, resolve } = require("node:path");
const vm = require("node:vm");
const { Worker } = require("node:worker_threads");

const root = resolve(__dirname, "..", "..");
const tslab = join(root, "node_modules", "tslab", "dist");
const PARENT_POLL_MILLISECONDS = 500;
// What is replaced below are internals of this version.
const TSLAB_VERSION = "1.0.22";
const DELIMITER = Buffer.from("<IDS|MSG>");
const LARGEST_MESSAGE_BYTES = 64 * 2 ** 20;
const REQUESTS = new Set(
  ["kernel_info", "execute", "is_complete", "inspect", "complete", "comm_info", "shutdown"].map(
    (name) => `${name}_request`,
  ),
);

requireTslab();
enterNotebooks();
endWithParent();
process.env.TF_CPP_MIN_LOG_LEVEL ??= "2";

const { JupyterHandlerImpl, ZmqServer } = require(join(tslab, "jupyter.js"));

/** What went wrong in the running cell, thrown values as they are and the compiler's complaints as text. */
let complaints = [];
let interruptAsked = false;
/** Messages that came without a valid signature, or are not requests. */
let dropped = 0;

mendReplies(JupyterHandlerImpl.prototype);
mendMessages(ZmqServer.prototype);
admitSigned(ZmqServer.prototype);
echoInTurn(require("zeromq").Reply.prototype);
start();

/** Ends the process with a line that says so if another version of tslab is installed. */
function requireTslab() {
  const { version } = require(join(root, "node_modules", "tslab", "package.json"));
  if (version === TSLAB_VERSION) return;
  writeSync(2, `the kernel needs tslab ${TSLAB_VERSION}, and ${version} is installed: run npm ci\n`);
  process.exit(1);
}

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

function start() {
  const { startKernel } = require(join(tslab, "main.js"));
  const { error } = console;
  // tslab keeps this function to report what a cell threw.
  console.error = (...values) => complaints.push(complaintOf(values));
  startKernel({ configPath: process.argv[2], enableFindLocal: false });
  console.error = error;
  takeOverListeners();
}

/** tslab prints stray failures and interrupts a cell at once; here the former fail it and the latter is held back once. */
function takeOverListeners() {
  const interruptCell = process.listeners("SIGINT").at(-1);
  process.removeListener("SIGINT", interruptCell);
  const onInterrupt = () => {
    const workListens = process.listenerCount("SIGINT") > 1;
    if (interruptAsked || !workListens) interruptCell();
    interruptAsked = true;
  };
  stayFirst(onInterrupt);
  for (const event of ["uncaughtException", "unhandledRejection"]) {
    process.removeAllListeners(event);
    process.on(event, (thrown) => complaints.push({ thrown }));
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

/** The compiler's complaints arrive as a format and its values, thrown values alone. */
function complaintOf(values) {
  if (values.length === 1) return { thrown: values[0] };
  const [, file, line, column, message] = values;
  return { diagnostic: `${file}${line}:${column} - ${message}` };
}

function mendReplies(handler) {
  const { handleKernel, handleExecute, handleExecuteImpl } = handler;
  handler.handleKernel = function () {
    return { status: "ok", ...handleKernel.call(this) };
  };
  handler.handleExecuteImpl = async function (...message) {
    interruptAsked = false;
    const count = await handleExecuteImpl.apply(this, message);
    await settle();
    if (complaints.length > 0) throw count;
    return count;
  };
  handler.handleExecute = async function (...message) {
    const reply = await handleExecute.apply(this, message);
    if (reply.status === "abort") return { ...reply, status: "aborted" };
    if (reply.status !== "error") return reply;
    const failures = complaints;
    complaints = [];
    return { ...reply, ...describe(failures) };
  };
}

/** Node reports a rejection that nobody awaits only after the promises at hand have run. */
async function settle() {
  for (let turn = 0; turn < 2; turn++) await new Promise((resolve) => setImmediate(resolve));
}

/** The fields of Jupyter's `error` message: the first failure named, all of them in the traceback. */
function describe(failures) {
  const first = failures[0] ?? { thrown: new Error("the cell failed without saying why") };
  const traceback = failures.flatMap(linesOf);
  if ("diagnostic" in first) return { ename: "TypeScriptError", evalue: first.diagnostic, traceback };
  const { thrown } = first;
  if (!(thrown instanceof Error)) return { ename: "Thrown", evalue: inspect(thrown), traceback };
  return { ename: thrown.name, evalue: thrown.message, traceback };
}

function linesOf(failure) {
  if ("diagnostic" in failure) return [failure.diagnostic];
  const own = (line) => !/^\s+at .*(node:|node_modules\/tslab\/|lib\/cli\/kernel\.cjs)/.test(line);
  return inspect(failure.thrown).split("\n").filter(own);
}

/**
 * Only requests signed with the connection's key reach tslab, which would put the right signature of any other into an
 * error that the running cell shows. Of what is dropped nothing is repeated: a line in the kernel's log counts it.
 */
function admitSigned(server) {
  const { bindSocket, handleShellMessage } = server;
  server.handleShellMessage = async function (socket, ...frames) {
    if (isSignedRequest(this.connInfo.key, frames)) return handleShellMessage.call(this, socket, ...frames);
    dropped++;
    if (Number.isInteger(Math.log10(dropped))) writeSync(2, `kernel: ${dropped} unsigned message(s) dropped\n`);
  };
  server.bindSocket = function (socket, port) {
    socket.maxMessageSize = LARGEST_MESSAGE_BYTES;
    return bindSocket.call(this, socket, port);
  };
}

/** Heartbeats are echoed one at a time: tslab receives the next before it has sent the last, which ends its loop. */
function echoInTurn(heartbeat) {
  heartbeat[Symbol.asyncIterator] = function () {
    const echo = () => this.receive().then((frames) => this.send(frames));
    const next = async () => {
      // An echo fails if whoever asked is gone, or if the kernel is closing.
      while (!this.closed) await echo().catch(settle);
      return { done: true };
    };
    return { next };
  };
}

/** Identities, the delimiter, the signature of what follows, then header, parent, metadata and content as JSON. */
function isSignedRequest(key, frames) {
  const at = frames.findIndex((frame) => frame.equals(DELIMITER));
  const [signature, ...parts] = at < 0 ? [] : frames.slice(at + 1);
  if (parts.length < 4 || !isSignature(signature, key, parts)) return false;
  try {
    return REQUESTS.has(parts.slice(0, 4).map((part) => JSON.parse(part.toString()))[0].msg_type);
  } catch {
    return false;
  }
}

function isSignature(signature, key, parts) {
  const right = createHmac("sha256", key);
  for (const part of parts) right.update(part);
  const expected = Buffer.from(right.digest("hex"));
  return signature.length === expected.length && timingSafeEqual(signature, expected);
}

function mendMessages(server) {
  const { handleShutdown } = server;
  server.handleExecute = async function (socket, message) {
    const publish = (type, content) => this.send(message, type, content, this.iopub);
    const content = await this.handler.handleExecute(
      message.content,
      (name, text) => publish("stream", { name, text }),
      (data, update) => publish(update ? "update_display_data" : "display_data", data),
    );
    const { ename, evalue, traceback } = content;
    if (content.status === "error") publish("error", { ename, evalue, traceback });
    this.send(message, "execute_reply", content, socket);
  };
  server.send = function (request, type, content, socket) {
    const reply = request.createReply();
    reply.header.msg_type = type;
    reply.content = content;
    reply.signAndSend(this.connInfo.key, socket);
  };
  server.handleCommInfoRequest = function (socket, message) {
    this.send(message, "comm_info_reply", { status: "ok", comms: {} }, socket);
  };
  server.handleShutdown = function (socket, message) {
    handleShutdown.call(this, socket, message);
    // Work that still runs must not keep a kernel alive that was told to end; the delay lets the reply leave.
    setTimeout(() => process.exit(0), 100);
  };
}
