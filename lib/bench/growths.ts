import type { Growth } from "./workloads/measurement";

/** The workloads whose growth is measured. */
export const growths: readonly Growth[] = [
  {
    id: "evaluate-growth",
    title: "CMC and mAP, all against all, 128 dimensions",
    unit: "items",
    workload: "evaluation",
    sizes: [1000, 3000, 10_000, 30_000, 100_000, 200_000],
  },
  {
    id: "map-growth",
    title: "h by fct map, file to file",
    unit: "items",
    workload: "mapFile",
    sizes: [10_000, 100_000, 1_000_000, 10_000_000],
    note: "32 dimensions each, inner width 128, start and checks of the command included",
  },
];
