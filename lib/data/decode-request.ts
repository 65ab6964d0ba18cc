import type { DecodeTask } from "./decode-batch";

/** What a decoding process is asked for: an image, into a slot of the file that takes its pixels. */
export interface DecodeRequest extends DecodeTask {
  readonly slot: number;
}

/** What it says: once that it is ready, then of each request that its pixels are in place, its image is broken or its file cannot be read. */
export type DecodeReply =
  | { readonly kind: "ready" }
  | { readonly kind: "pixels"; readonly slot: number; readonly bytes: number }
  | { readonly kind: "broken"; readonly slot: number; readonly reason: string }
  | { readonly kind: "unreadable"; readonly slot: number; readonly reason: string };

/** The descriptor of that file in the decoding process. */
export const pixelsDescriptor = 4;

/** From slot to slot, more than any image takes; what lies between is never written, nor takes space. */
export const slotBytes: number = 2 ** 26;
