import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { writeAtomically } from "../../core/artifacts/store";
import { projectRoot } from "../../core/paths";

const folder = (): string => join(projectRoot(), ".venv-workflow");

/** The Python that runs Snakemake. */
export function workflowPython(): string {
  return join(folder(), "bin", "python");
}

/**
 * Makes Snakemake's environment, apart from the project's own, unless it is up to date. Throws an
 * Error that says what to check if it cannot be made.
 */
export function makeWorkflowEnvironment(): void {
  const requirements = join(projectRoot(), "workflow", "requirements.txt");
  const stamp = join(folder(), ".requirements.txt");
  const wanted = readFileSync(requirements, "utf8");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return;
  console.error("installing Snakemake into .venv-workflow, about a minute, 300 MB ...");
  rmSync(folder(), { recursive: true, force: true });
  run(join(projectRoot(), ".venv", "bin", "python"), ["-m", "venv", folder()]);
  run(workflowPython(), ["-m", "pip", "install", "--quiet", "--no-deps", "--requirement", requirements]);
  writeAtomically(stamp, wanted);
}

function run(command: string, words: readonly string[]): void {
  const { status, error } = spawnSync(command, words, { stdio: ["ignore", "inherit", "inherit"] });
  if (status === 0) return;
  const reason = error?.message ?? `exit code ${status}`;
  throw new Error(
    `Snakemake's environment ${folder()} could not be made (${reason}): is the package index reachable, and is the disk full?`,
  );
}
