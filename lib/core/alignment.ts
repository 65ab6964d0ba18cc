// A module of its own, and in core, because worker threads and processes need the number and must
// not load TensorFlow: everything in tf/ does. Keep it free of imports.

/**
 * TensorFlow uses foreign memory without copying it if it begins at a multiple of this many bytes.
 */
export const tensorAlignment = 64;
