// The message protocol: the kernel says busy as long as anything is at work, and repeats what the running cell has shown
// to whoever opens the notebook meanwhile.
const { lineWriter } = require("./lines.cjs");
const { outputRecord } = require("./outputs.cjs");

/** Messages that are being answered, the oldest first. */
const atWork = new Set();
/** The cell that runs: its request, its number and what it has shown; null if none does. */
let running = null;
/** The messages of cells that wait or run, by their contents. */
const waiting = new WeakMap();

function mendMessages(server) {
  const { handleKernelInfo, handleShutdown } = server;
  server.publishStatus = function (state, message) {
    if (state === "busy") atWork.add(message);
    else atWork.delete(message);
    this.send(message, "status", { execution_state: state }, this.iopub);
    // A front end takes the last state it hears: after the answer to a small question the cell still runs.
    const [oldest] = atWork;
    if (state === "idle" && oldest !== undefined) this.send(oldest, "status", { execution_state: "busy" }, this.iopub);
  };
  server.handleKernelInfo = function (socket, message) {
    handleKernelInfo.call(this, socket, message);
    if (running !== null && running.message.header.session !== message.header.session) this.repeat(running);
  };
  server.handleExecute = async function (socket, message) {
    this.handler.onStart = (request, count) => this.begin(waiting.get(request), count);
    this.handler.onResult = (data, execution_count) =>
      this.publish(running.message, "execute_result", { data, metadata: {}, execution_count });
    waiting.set(message.content, message);
    const content = await this.handler.handleExecute(message.content, ...this.writersFor(message));
    const { ename, evalue, traceback } = content;
    if (content.status === "error") this.publish(message, "error", { ename, evalue, traceback });
    if (running?.message === message) running = null;
    this.send(message, "execute_reply", content, socket);
  };
  server.begin = function (message, execution_count) {
    running = { message, input: { code: message.content.code, execution_count }, ...outputRecord() };
    this.send(message, "execute_input", running.input, this.iopub);
  };
  /** Everything that the running cell has shown takes the place of what a page may have of it. */
  server.repeat = function ({ message, input, outputs }) {
    this.send(message, "execute_input", input, this.iopub);
    this.send(message, "clear_output", { wait: true }, this.iopub);
    for (const { type, content } of outputs) this.send(message, type, content, this.iopub);
  };
  /** The functions by which a cell writes and displays. */
  server.writersFor = function (message) {
    const display = (data, update) => this.publish(message, update ? "update_display_data" : "display_data", data);
    const writerTo = (name) =>
      lineWriter({
        stream: (text) => this.publish(message, "stream", { name, text }),
        display: (text, display_id, update) =>
          display({ data: { "text/plain": text }, metadata: {}, transient: { display_id } }, update),
      });
    const writers = { stdout: writerTo("stdout"), stderr: writerTo("stderr") };
    return [(name, text) => writers[name](text), display];
  };
  server.publish = function (message, type, content) {
    if (running?.message === message) running.add(type, content);
    this.send(message, type, content, this.iopub);
  };
  server.send = function (request, type, content, socket) {
    const reply = request.createReply();
    reply.header.msg_type = type;
    reply.content = content;
    // Which cell it is about, for a page that was opened after the cell was started.
    const { cellId } = request.metadata;
    if (cellId !== undefined && socket === this.iopub) reply.metadata = { cellId };
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

module.exports = { mendMessages };
