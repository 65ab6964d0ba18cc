import { defineConfig } from "vitest/config";

// TensorFlow's backend is one per process: forked processes, two at a time, each with one thread for its tensors, so that
// tests do not fight for the cores.
export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    pool: "forks",
    maxWorkers: 2,
    env: { TF_NUM_INTRAOP_THREADS: "1", TF_NUM_INTEROP_THREADS: "1" },
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
