import { readdirSync, readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { defineConfig } from "vitest/config";

const files = readdirSync(join(import.meta.dirname, "test"), { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".test.ts"))
  .map((name) => join("test", name));

// What a process has one of: its modules, where some are mocked, its clock, folder, signals and threads; and its
// memory, of which a child's peak begins with its parent's.
const ofTheProcess =
  /vi\.(mock|useFakeTimers)|process\.(exitCode|chdir|on|once|emit|memoryUsage)|maxRSS|worker_threads/;
const alone = files.filter((file) => ofTheProcess.test(readFileSync(join(import.meta.dirname, file), "utf8")));

// TensorFlow's backend is one per process: forked processes, of which each keeps two cores busy and takes up to 2 GB.
// Files that touch nothing else of their process follow each other in it, since to start one and to load TensorFlow
// takes longer than most of them.
export default defineConfig({
  test: {
    setupFiles: ["test/equal-bytes.ts"],
    pool: "forks",
    maxWorkers: Math.min(8, Math.max(2, Math.floor(availableParallelism() / 2))),
    testTimeout: 120_000,
    hookTimeout: 120_000,
    experimental: { fsModuleCache: true },
    projects: [
      { extends: true, test: { name: "alone", include: alone } },
      {
        extends: true,
        test: { name: "shared", include: files.filter((file) => !alone.includes(file)), isolate: false },
      },
    ],
  },
});
