import { spawn } from "node:child_process";
import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { type Command, Option } from "commander";
import { markMade } from "../../cluster/marks";
import { exclusive } from "../../core/exclusive";
import { cacheFolder, fetchedFolder, makeWritable, projectRoot, runsFolder } from "../../core/paths";
import { command, shownPath } from "../options/command";
import { type PlanOptions, plannedTables, withPlanOptions, writePlan } from "./plan";
import { makeWorkflowEnvironment, workflowPython } from "./workflow-environment";

interface ClusterOptions extends PlanOptions {
  readonly profile: string;
}

const profiles = ["local", "slurm", "kubernetes"] as const;

/** `fct cluster`: computes tables by Snakemake, step by step, on this machine or on a cluster. */
export function clusterCommand(): Command {
  const described = command("cluster")
    .description("compute tables step by step on a cluster, by Snakemake")
    .argument("[words...]", "after two dashes: what else Snakemake is told")
    .addOption(new Option("--profile <name>", "where the steps run").choices(profiles).default("local"));
  return withPlanOptions(described).addHelpText("after", help).action(runWorkflow);
}

const help = `
The cache (FCT_CACHE) and the results (FCT_RESULTS) must lie where every node sees them; workflow/README.md says more.
The same command goes on after an interrupt: what is in the cache is not computed again.`;

async function runWorkflow(words: readonly string[], options: ClusterOptions, command: Command): Promise<void> {
  const wanted = plannedTables(options, command);
  makeWritable(cacheFolder(), "FCT_CACHE");
  makeWorkflowEnvironment();
  const name = options.table ?? (options.all ? "all" : "main");
  const folder = join(cacheFolder(), "workflow", `${options.scale}-${name}-${options.precision}`);
  await exclusive(join(folder, "cluster.lock"), async () => {
    const plan = join(folder, "plan.json");
    const made = writePlan(plan, wanted, options);
    const marked = markMade(made, wanted, { folder, cache: cacheFolder(), results: runsFolder() });
    // Jobs read it, too: it must not change while they run.
    copyFileSync(join(projectRoot(), "workflow", "Snakefile"), join(folder, "Snakefile"));
    console.error(`${shownPath(plan)}: ${made.steps.length} steps, ${marked} of them in the cache`);
    process.exitCode = await snakemake(folder, options.profile, words);
  });
}

/** Snakemake's exit status. The terminal sends Ctrl-C to it as well: this process waits for it. */
function snakemake(folder: string, profile: string, words: readonly string[]): Promise<number> {
  const settings = {
    plan: join(folder, "plan.json"),
    root: projectRoot(),
    node: process.execPath,
    cache: cacheFolder(),
    results: runsFolder(),
    data: fetchedFolder(),
  };
  const child = spawn(
    workflowPython(),
    [
      ...["-m", "snakemake", "--nolock"],
      ...["--workflow-profile", join(projectRoot(), "workflow", "profiles", profile)],
      // Without a file system that all share, small files are exchanged on the volume.
      ...(profile === "kubernetes" ? ["--default-storage-prefix", folder] : []),
      ...["--config", ...Object.entries(settings).map(([name, value]) => `${name}=${value}`)],
      ...words,
    ],
    { cwd: folder, stdio: "inherit" },
  );
  const stay = (): void => {};
  const end = (): void => void child.kill("SIGTERM");
  process.on("SIGINT", stay).on("SIGTERM", end);
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (status, signal) => {
      process.off("SIGINT", stay).off("SIGTERM", end);
      resolve(signal === null ? (status ?? 1) : 130);
    });
  });
}
