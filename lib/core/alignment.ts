/** TensorFlow takes memory of others as its own where it begins at a multiple of this many bytes. */
export const tensorAlignment = 64;
