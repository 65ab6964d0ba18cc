import { defineConfig } from "vitest/config";

// TensorFlow's backend is one per process: forked processes, and one at a time so that tests do not fight for the cores.
export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    pool: "forks",
    maxWorkers: 1,
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
