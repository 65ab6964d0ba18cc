// AssemblyScript, like all of this folder: the set-up compiles it to WebAssembly. Addresses are bytes in a memory that
// lib/retrieval/score-memory.ts lays out; lists are of numbers of 32 bits where nothing else is said; scores fall as distances grow.

/** The first address that is free. */
export function base(): usize {
  return __heap_base;
}

/** Where a number of 32 bits is in a list. */
export function at32(list: usize, index: i32): usize {
  return list + ((<usize>index) << 2);
}

/** Where a number of 64 bits is in a list. */
export function at64(list: usize, index: i32): usize {
  return list + ((<usize>index) << 3);
}
