// AssemblyScript, like all of this folder: the set-up compiles it to WebAssembly. Addresses are
// bytes in the memory that engine/scores/memory.ts reserves. Lists hold numbers of 32 bits unless a
// comment says otherwise. Scores fall as distances grow.

/** The first address that is free. */
export function base(): usize {
  return __heap_base;
}

/** The address of a number in a list of 32 bits each. */
export function at32(list: usize, index: i32): usize {
  return list + ((<usize>index) << 2);
}

/** The address of a number in a list of 64 bits each. */
export function at64(list: usize, index: i32): usize {
  return list + ((<usize>index) << 3);
}
