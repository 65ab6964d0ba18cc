import type { Command } from "commander";

/** A subcommand as `fct --help` lists it. Its module is loaded only when it is asked for. */
export interface CommandEntry {
  readonly name: string;
  readonly summary: string;
  readonly load: () => Promise<Command>;
}

/**
 * Every subcommand, each in a file of its own. TensorFlow is loaded when work begins: help, lists
 * and refused arguments do without it.
 */
export const commands: readonly CommandEntry[] = [
  {
    name: "reproduce",
    summary: "compute a table of the paper, or all of them",
    load: async () => (await import("./reproduce/reproduce.js")).reproduceCommand(),
  },
  {
    name: "plan",
    summary: "write the steps of tables for a workflow engine",
    load: async () => (await import("./cluster/plan.js")).planCommand(),
  },
  {
    name: "step",
    summary: "run one step of a plan",
    load: async () => (await import("./cluster/step.js")).stepCommand(),
  },
  {
    name: "cluster",
    summary: "compute tables step by step on a cluster",
    load: async () => (await import("./cluster/cluster.js")).clusterCommand(),
  },
  {
    name: "accept",
    summary: "make your own run of a table the committed result",
    load: async () => (await import("./accept.js")).acceptCommand(),
  },
  {
    name: "tables",
    summary: "list the tables with the state of their results",
    load: async () => (await import("./tables.js")).tablesCommand(),
  },
  {
    name: "queue",
    summary: "show or do the runs behind the claims",
    load: async () => (await import("./queue.js")).queueCommand(),
  },
  {
    name: "data",
    summary: "list the datasets, or fetch one",
    load: async () => (await import("./data.js")).dataCommand(),
  },
  {
    name: "evaluate",
    summary: "retrieval metrics of embeddings in files",
    load: async () => (await import("./evaluate/evaluate.js")).evaluateCommand(),
  },
  {
    name: "merge",
    summary: "merge the shards of an evaluation",
    load: async () => (await import("./evaluate/merge.js")).mergeCommand(),
  },
  {
    name: "learn",
    summary: "learn a transformation h from your own pairs of vectors",
    load: async () => (await import("./learn/learn.js")).learnCommand(),
  },
  {
    name: "map",
    summary: "map stored embeddings by a trained transformation h",
    load: async () => (await import("./map/map.js")).mapCommand(),
  },
  {
    name: "order",
    summary: "write which stored items to embed again first",
    load: async () => (await import("./backfill/order.js")).orderCommand(),
  },
  {
    name: "curve",
    summary: "quality while more and more items are embedded again",
    load: async () => (await import("./backfill/curve.js")).curveCommand(),
  },
  {
    name: "gallery",
    summary: "a durable gallery that changes its model while it is searched",
    load: async () => (await import("./gallery/gallery.js")).galleryCommand(),
  },
  {
    name: "import",
    summary: "read weights of PyTorch",
    load: async () => (await import("./exchange/import.js")).importCommand(),
  },
  {
    name: "export",
    summary: "write an h or a ResNet for other programs",
    load: async () => (await import("./exchange/export.js")).exportCommand(),
  },
  {
    name: "models",
    summary: "store the models of the main table",
    load: async () => (await import("./exchange/models.js")).modelsCommand(),
  },
  {
    name: "notebook",
    summary: "execute a notebook without a browser",
    load: async () => (await import("./notebook.js")).notebookCommand(),
  },
  {
    name: "html",
    summary: "write notebooks as HTML that opens without a network",
    load: async () => (await import("./html/html.js")).htmlCommand(),
  },
  {
    name: "site",
    summary: "write all notebooks and results as a site",
    load: async () => (await import("./html/html.js")).siteCommand(),
  },
  {
    name: "bench",
    summary: "measure speed and memory beside the peers",
    load: async () => (await import("./bench.js")).benchCommand(),
  },
  {
    name: "readme",
    summary: "bring the README's tables up to date with results/",
    load: async () => (await import("./readme.js")).readmeCommand(),
  },
  {
    name: "verify",
    summary: "recompute verdicts, intervals and prose, and name what differs",
    load: async () => (await import("./documents/verify.js")).verifyCommand(),
  },
  {
    name: "bundle",
    summary: "pack everything for a machine without a network",
    load: async () => (await import("./bundle/bundle.js")).bundleCommand(),
  },
  {
    name: "doctor",
    summary: "say what is wrong with this clone and what to do",
    load: async () => (await import("./doctor/doctor.js")).doctorCommand(),
  },
];
