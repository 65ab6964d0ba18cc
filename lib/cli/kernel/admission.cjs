// Which messages reach tslab: those that are signed with the connection's key. Others are dropped unread and counted.
const { createHmac, timingSafeEqual } = require("node:crypto");
const { writeSync } = require("node:fs");

const DELIMITER = Buffer.from("<IDS|MSG>");
const LARGEST_MESSAGE_BYTES = 64 * 2 ** 20;
const REQUESTS = new Set(
  ["kernel_info", "execute", "is_complete", "inspect", "complete", "comm_info", "shutdown"].map(
    (name) => `${name}_request`,
  ),
);

/** Messages that came without a valid signature, or are not requests. */
let dropped = 0;

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
      while (!this.closed) await echo().catch(() => new Promise((resolve) => setImmediate(resolve)));
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

module.exports = { admitSigned, echoInTurn };
