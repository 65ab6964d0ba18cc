/**
 * TensorFlow uses foreign memory without copying it if it begins at a multiple of this many bytes.
 */
export const tensorAlignment = 64;
