import { join } from "node:path";
import { Argument, type Command } from "commander";
import { ownPlace, progressLine } from "../core/progress";
import { timeLeft } from "../core/progress/time-left";
import { catalogue, type DatasetName } from "../data/fetching/catalogue";
import { type DatasetState, dataPlaces, datasetState } from "../data/fetching/dataset-state";
import { getDataset } from "../data/fetching/get-dataset";
import type { Getting } from "../data/fetching/verified-file";
import { command } from "./options/command";

const names = Object.keys(catalogue) as readonly DatasetName[];

/** `fct data`: lists the datasets, their state and terms; `fct data get` fetches one. */
export function dataCommand(): Command {
  const getCommand = command("get", "data get")
    .description("fetch a dataset, verify its checksum and unpack it; a stopped download continues")
    .addArgument(new Argument("<name>", "the dataset").choices(names))
    .action(get);
  return command("data")
    .description("list every dataset with its state on this machine, size, terms and home")
    .addHelpText("after", help)
    .action(() => console.log(names.map(listed).join("\n")))
    .addCommand(getCommand);
}

const help = `
Datasets are stored in data/fetched, one folder each; FCT_DATA names another folder. Archives in the folder that
FCT_DATA_MIRROR names are used instead of being downloaded.`;

function listed(name: DatasetName): string {
  const { title, home, terms, source } = catalogue[name];
  const state = datasetState(name, catalogue[name], dataPlaces());
  const indent = " ".repeat(20);
  return [
    `${name.padEnd(19)} ${state.kind.padEnd(13)} ${size(source).padStart(9)}  ${title}`,
    ...stateLines(name, state).map((line) => indent + line),
    `${indent}terms: ${terms}`,
    `${indent}home:  ${home}`,
  ].join("\n");
}

function stateLines(name: DatasetName, state: DatasetState): readonly string[] {
  const own = catalogue[name].source.kind === "own-copy";
  switch (state.kind) {
    case "present":
      return [state.place];
    case "partial":
      return [`${state.place} lacks ${state.missing.join(", ")}`];
    case "archive only":
      return [`in ${state.place}; unpack it: npm run fct -- data get ${name}`];
    case "absent":
      return [own ? `where to put it: npm run fct -- data get ${name}` : `fetch it: npm run fct -- data get ${name}`];
  }
}

async function get(name: DatasetName): Promise<void> {
  const { source, title } = catalogue[name];
  switch (source.kind) {
    case "drawn":
    case "committed":
      return console.log(`${title}: nothing to fetch, it is ${source.kind}`);
    case "own-copy":
      return explainOwnCopy(name);
    case "fetched":
      return fetchDataset(name);
  }
}

/** Says where the user's own copy belongs. The exit code is 1 unless it is complete. */
function explainOwnCopy(name: DatasetName): void {
  const { title, home, terms } = catalogue[name];
  const places = dataPlaces();
  const folder = join(places.fetched, name);
  const state = datasetState(name, catalogue[name], places);
  if (state.kind === "present") {
    console.log(`${title} is there: ${folder}`);
    return;
  }
  if (state.kind === "partial") console.log(`${folder} lacks class folders in ${state.missing.join(", ")}`);
  console.log(
    `${title} cannot be downloaded freely.\n` +
      `  home:  ${home}\n  terms: ${terms}\n` +
      `  Put your copy, or a link to it, at ${folder}:\n` +
      "    train/<class>/*.jpg\n    val/<class>/*.jpg",
  );
  process.exitCode = 1;
}

async function fetchDataset(name: DatasetName): Promise<void> {
  const line = progressLine(ownPlace());
  const dataset = catalogue[name];
  console.log(`${dataset.title}; terms: ${dataset.terms}`);
  await getDataset(name, dataset, {
    places: dataPlaces(),
    note: line.keep,
    progress: (file) => byteProgress(file, line.show),
  });
  line.keep(`${name} is ready`);
}

/** Shows the bytes that are here and the time left, at the speed since the first report. */
function byteProgress(file: string, show: (text: string) => void): ReturnType<Getting["progress"]> {
  const left = timeLeft();
  return (done, total) => {
    if (total === null) return show(`${file} · ${megabytes(done)}`);
    show(`${file} · ${megabytes(done)} of ${megabytes(total)}${left.report({ done, total })}`);
  };
}

function size(source: (typeof catalogue)[DatasetName]["source"]): string {
  switch (source.kind) {
    case "drawn":
      return "0 MB";
    case "committed":
    case "own-copy":
      return megabytes(source.bytes);
    case "fetched":
      return fetchedSize(source.files.map(({ bytes }) => bytes));
  }
}

function fetchedSize(bytes: readonly (number | null)[]): string {
  return bytes.includes(null) ? "unknown" : megabytes(bytes.reduce<number>((sum, each) => sum + (each ?? 0), 0));
}

function megabytes(bytes: number): string {
  return bytes < 1e10 ? `${(bytes / 1e6).toFixed(1)} MB` : `${Math.round(bytes / 1e9)} GB`;
}
