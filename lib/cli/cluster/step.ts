import { appendFileSync, existsSync } from "node:fs";
import { hostname } from "node:os";
import type { Command } from "commander";
import { readPlan } from "../../cluster/plan";
import { plannedRequest, runStep } from "../../cluster/run-step";
import { artifactPath, unfinishedPath } from "../../core/artifacts/obtain";
import { cacheFolder, makeWritable } from "../../core/paths";
import { ownPlace, type ProgressLine, progressLine } from "../../core/progress";
import { tables } from "../../tables/tables";
import { command, fullPath } from "../options/command";

/** `fct step`: runs one step of a plan. */
export function stepCommand(): Command {
  return command("step")
    .description("make one artifact of a plan in the cache, unless it is there")
    .argument("<key>", "the step's key")
    .requiredOption("--plan <file>", "the plan that npm run fct -- plan --out FILE wrote")
    .addHelpText("after", help)
    .action(step);
}

const help = `
The cache (FCT_CACHE names another folder) may lie on a file system that machines share. The artifact's log lies beside
it. A step that was interrupted by SIGINT or SIGTERM, or killed, goes on from its last epoch when it is run again.`;

async function step(key: string, { plan }: { readonly plan: string }): Promise<void> {
  const file = fullPath(plan);
  const request = plannedRequest(key, { file, plan: readPlan(file) }, tables);
  makeWritable(cacheFolder(), "FCT_CACHE");
  // What schedulers send before they kill.
  process.once("SIGTERM", () => process.kill(process.pid, "SIGINT"));
  const line = loggedLine(artifactPath(cacheFolder(), request).replace(/safetensors$/, "log"));
  const goesOn = existsSync(unfinishedPath(cacheFolder(), request)) ? "goes on from its checkpoint" : "begins";
  line.keep(`${request.label}: step ${key} ${goesOn}, process ${process.pid} on ${nodeName()}`);
  try {
    await runStep(request, line);
    line.keep(`${request.label}: is in the cache; peak memory ${peakMebibytes()} MiB`);
  } catch (error) {
    line.keep(`${request.label}: ${(error as Error).message}`);
    throw error;
  }
}

/** By Slurm's name if there is one: it runs several nodes on a machine if it is told so. */
function nodeName(): string {
  return process.env.SLURMD_NODENAME ?? hostname();
}

function peakMebibytes(): number {
  return Math.ceil(process.resourceUsage().maxRSS / 1024);
}

const loggedEvery = 60_000;

/** This process's line of progress, which a file also gets with times, every minute. */
function loggedLine(path: string): ProgressLine {
  const { show, keep } = progressLine(ownPlace());
  let last = performance.now();
  const write = (text: string): void => {
    last = performance.now();
    try {
      appendFileSync(path, `${new Date().toISOString()} ${text}\n`);
    } catch {
      // Hours of work must not end for a line in a log.
    }
  };
  return {
    show: (text) => {
      show(text);
      if (performance.now() - last >= loggedEvery) write(text);
    },
    keep: (text) => {
      keep(text);
      write(text);
    },
  };
}
