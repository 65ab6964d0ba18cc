import { type ChildProcess, spawn } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { projectRoot } from "../../lib/core/paths";

/** A JupyterLab of its own, as `npm run lab` starts it, over a folder of copies. */
export interface Lab {
  readonly url: string;
  /** Writes a notebook with these cells. */
  readonly write: (name: string, sources: readonly string[]) => void;
  /** Copies one of the project's notebooks. */
  readonly copy: (name: string) => void;
  readonly bytesOf: (name: string) => Buffer;
  readonly pathOf: (name: string) => string;
  readonly end: () => void;
}

export async function startLab(): Promise<Lab> {
  const folder = mkdtempSync(join(tmpdir(), "fct-lab-"));
  const root = join(folder, "notebooks");
  mkdirSync(root);
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const server = startServer(folder, root, port);
  let log = "";
  server.stderr?.on("data", (piece) => (log += piece));
  const pathOf = (name: string): string => join(root, `${name}.ipynb`);
  await answering(url, () => log);
  return {
    url,
    pathOf,
    write: (name, sources) => writeFileSync(pathOf(name), notebookOf(sources)),
    copy: (name) => copyFileSync(join(projectRoot(), "notebooks", `${name}.ipynb`), pathOf(name)),
    bytesOf: (name) => readFileSync(pathOf(name)),
    end: () => {
      server.kill("SIGKILL");
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** With the options of `npm run lab`, this checkout's kernel, and nothing of the user's settings. */
function startServer(folder: string, root: string, port: number): ChildProcess {
  const { scripts } = JSON.parse(readFileSync(join(projectRoot(), "package.json"), "utf8"));
  const options = (scripts.lab as string).split(" ").filter((word) => /^--(Lab|Server)App\./.test(word));
  const own = ["--no-browser", "--allow-root", `--ServerApp.port=${port}`, "--IdentityProvider.token="];
  const words = ["-m", "jupyterlab", ...options, ...own, root];
  const places = ["CONFIG_DIR", "DATA_DIR", "RUNTIME_DIR"].map((name) => [`JUPYTER_${name}`, join(folder, name)]);
  const settings = ["SETTINGS", "WORKSPACES"].map((name) => [`JUPYTERLAB_${name}_DIR`, join(folder, name)]);
  const env = { ...process.env, ...Object.fromEntries([...places, ...settings]), JUPYTER_PATH: kernelIn(folder) };
  return spawn(join(projectRoot(), ".venv", "bin", "python"), words, {
    cwd: projectRoot(),
    env,
    stdio: ["ignore", "ignore", "pipe"],
  });
}

function kernelIn(folder: string): string {
  const place = join(folder, "kernels", "fct");
  mkdirSync(place, { recursive: true });
  const argv = [process.execPath, join(projectRoot(), "lib", "cli", "kernel", "kernel.cjs"), "{connection_file}"];
  const spec = { argv, display_name: "TypeScript (FCT)", language: "typescript", interrupt_mode: "signal" };
  writeFileSync(join(place, "kernel.json"), JSON.stringify(spec));
  return folder;
}

function notebookOf(sources: readonly string[]): string {
  const cells = sources.map((source, index) => ({
    cell_type: "code",
    execution_count: null,
    id: `cell-${index}`,
    metadata: {},
    outputs: [],
    source,
  }));
  const kernelspec = { display_name: "TypeScript (FCT)", language: "typescript", name: "fct" };
  return JSON.stringify({ cells, metadata: { kernelspec }, nbformat: 4, nbformat_minor: 5 }, null, 1);
}

async function answering(url: string, log: () => string): Promise<void> {
  for (let attempt = 0; attempt < 240; attempt++) {
    const answer = await fetch(`${url}/api/status`).catch(() => null);
    if (answer?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  throw new Error(`JupyterLab does not answer:\n${log()}`);
}

function freePort(): Promise<number> {
  const server = createServer();
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { readonly port: number };
      server.close(() => resolve(port));
    });
  });
}
