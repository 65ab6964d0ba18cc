import sharp from "sharp";
import { decodeImage, type ImageView, UndecodableImage } from "./decode-image";

/** What a decoding process is asked for. */
export interface DecodeRequest {
  readonly id: number;
  readonly path: string;
  readonly view: ImageView;
}

/** What it says: once that it is ready, then of each request its pixels, that its image is broken, or that its file cannot be read. */
export type DecodeReply =
  | { readonly kind: "ready" }
  | { readonly kind: "pixels"; readonly id: number; readonly pixels: Uint8Array }
  | { readonly kind: "broken"; readonly id: number; readonly reason: string }
  | { readonly kind: "unreadable"; readonly id: number; readonly reason: string };

// The entry of a decoding process. It ends with its parent, whatever ended that, and leaves an interrupt of the terminal to it.

async function answer({ id, path, view }: DecodeRequest): Promise<DecodeReply> {
  try {
    return { kind: "pixels", id, pixels: await decodeImage(path, view) };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { kind: error instanceof UndecodableImage ? "broken" : "unreadable", id, reason };
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
