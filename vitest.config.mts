import { defineConfig } from "vitest/config";

// TensorFlow's backend is one per process: forked processes, two at a time.
export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    setupFiles: ["test/equal-bytes.ts"],
    pool: "forks",
    maxWorkers: 2,
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
