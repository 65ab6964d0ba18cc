/** A function cannot run as a graph; the message names the op, the value or the tensor that is in the way. */
export class NotCapturable extends Error {}
