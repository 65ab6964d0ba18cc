import { writeSync } from "node:fs";
import sharp from "sharp";
import { decodeImage, UndecodableImage } from "./decode-image";
import { type DecodeReply, type DecodeRequest, pixelsDescriptor, slotBytes } from "./messages";

// The entry of a decoding process. It ends with its parent, whatever ended that, and leaves an interrupt of the terminal to it.

async function answer({ slot, path, view }: DecodeRequest): Promise<DecodeReply> {
  try {
    const pixels = await decodeImage(path, view);
    return { kind: "pixels", slot, bytes: writeSync(pixelsDescriptor, pixels, 0, pixels.length, slot * slotBytes) };
  } catch (error) {
    if (error instanceof UndecodableImage) return { kind: "broken", slot, reason: error.reason };
    return { kind: "unreadable", slot, reason: `${path}: ${error instanceof Error ? error.message : error}` };
  }
}

function send(reply: DecodeReply): void {
  if (process.connected) process.send?.(reply);
}

sharp.cache(false);
sharp.concurrency(1);
process.on("SIGINT", () => {});
process.on("disconnect", () => process.exit());
process.on("message", (request: DecodeRequest) => void answer(request).then(send));
send({ kind: "ready" });
