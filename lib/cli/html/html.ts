import { existsSync, readdirSync } from "node:fs";
import { basename, join, relative, resolve } from "node:path";
import type { Command } from "commander";
import { InputError } from "../../core/input-error";
import { committedFolder, makeWritable, projectRoot, runsFolder } from "../../core/paths";
import { command } from "../options/command";
import { runPython } from "../reproduce/execute-notebook";

/** `fct html`: notebooks as HTML that opens without a network, with the outputs that they hold. */
export function htmlCommand(): Command {
  return command("html")
    .description("write notebooks, with the outputs that they hold, as HTML that opens without a network")
    .argument("[notebook...]", "names in notebooks/, such as 01-main, or paths (default: all of notebooks/)")
    .option("--out <dir>", "the folder for the HTML and the script that draws figures (default: results/run/html)")
    .action(async (names: readonly string[], { out }: { readonly out?: string }) => {
      const folder = resolve(out ?? join(runsFolder(), "html"));
      makeWritable(folder);
      const sources = names.length === 0 ? committedNotebooks() : namedApart([...new Set(names.map(notebookPath))]);
      process.exitCode = await exportHtml(sources, folder);
    });
}

/** `fct site`: all notebooks and, as their index, every table, figure and verdict. */
export function siteCommand(): Command {
  return command("site")
    .description("write all notebooks and results, with the claims and their verdicts, as a site without a server")
    .option("--out <dir>", "the folder for the site (default: results/run/site)")
    .action(async ({ out }: { readonly out?: string }) => {
      const folder = resolve(out ?? join(runsFolder(), "site"));
      makeWritable(folder);
      process.exitCode = await exportHtml(
        [...committedNotebooks(), shown(join(committedFolder(), "README.md"))],
        folder,
      );
    });
}

function exportHtml(sources: readonly string[], folder: string): Promise<number> {
  return runPython([join(projectRoot(), "lib", "cli", "html", "export.py"), shown(folder), ...sources]);
}

function committedNotebooks(): readonly string[] {
  const folder = join(projectRoot(), "notebooks");
  const names = readdirSync(folder).filter((name) => name.endsWith(".ipynb"));
  return names.sort().map((name) => shown(join(folder, name)));
}

/** Throws InputError if two notebooks of different folders would be written as the same page. */
function namedApart(sources: readonly string[]): readonly string[] {
  const pages = sources.map((source) => basename(source));
  const at = pages.findIndex((page, index) => pages.indexOf(page) < index);
  if (at < 0) return sources;
  const [file = "", page = ""] = [sources[at], pages[at]];
  const fault = `has the same name as ${sources[pages.indexOf(page)]}, so that both would be one page`;
  throw new InputError({ file, fault, remedy: "write each to a folder of its own by --out" });
}

/** The path of a notebook. Throws RangeError if there is none of that name. */
function notebookPath(name: string): string {
  const file = name.endsWith(".ipynb") ? name : `${name}.ipynb`;
  const found = [resolve(file), join(projectRoot(), "notebooks", file)].find((path) => existsSync(path));
  if (found === undefined) throw new RangeError(`notebook ${name}: neither ${file} nor notebooks/${file} is there`);
  return shown(found);
}

/** A path as a user would write it here, without leading dashes. */
function shown(path: string): string {
  const short = relative(process.cwd(), path);
  return short === "" || short.startsWith("..") || short.startsWith("-") ? path : short;
}
