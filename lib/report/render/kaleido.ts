import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { projectRoot } from "../../core/paths";
import type { Figure } from "../plot/figure";
import { processorSeconds } from "./processor-time";

/** What to draw: width and height in layout pixels, each of them `scale` image pixels. */
export interface DrawRequest {
  readonly data: Figure;
  readonly format: "png" | "svg" | "pdf";
  readonly width: number;
  readonly height: number;
  readonly scale: number;
}

/** The browser's answer to one request: `result` is null unless `code` is 0. */
interface Reply {
  readonly code: number;
  readonly message: string | null;
  readonly result: string | null;
}

/** A request without an answer yet. */
interface Waiting {
  readonly resolve: (reply: Reply) => void;
  readonly reject: (error: Error) => void;
}

/** How long a browser may give no answer while one is awaited. */
export interface Patience {
  readonly seconds: number;
  /** And how long while it does nothing at all, as one that hangs. */
  readonly idleSeconds: number;
}

/** Less processor time than this is nothing: a browser that hangs still wakes now and then. */
const idleShare = 0.005;

/** The browser has ended, or was ended because it did not answer: a fresh one may do better. */
export class BrowserGone extends Error {}

/**
 * The browser that draws plotly figures, one JSON line each. It ends with this process, which it
 * keeps running only while it draws.
 */
export class Kaleido {
  /** Settles when the browser has ended. */
  readonly ended: Promise<void>;
  private readonly child: ChildProcessWithoutNullStreams;
  private readonly waiting: Waiting[] = [];
  private readonly started: Promise<Reply>;
  private readonly patience: Patience;
  private timers: readonly NodeJS.Timeout[] = [];
  private complaints = "";

  /** A browser that tries the patience is ended. It draws by the script `plotly`. */
  constructor(folder: string, patience: Patience, plotly: string = plotlyPath()) {
    this.patience = patience;
    this.child = spawnIn(folder, plotly);
    this.ended = new Promise((resolve) => this.child.once("close", () => resolve()));
    this.child.once("error", (error) => this.fail(`did not start (${error.message})`));
    this.child.once("close", (code, signal) =>
      this.fail(`ended (${signal ?? code}): ${this.complaints.trim() || "no message"}`),
    );
    this.child.stdin.on("error", () => undefined);
    this.child.stderr.on("data", (chunk: Buffer) => {
      this.complaints = `${this.complaints}${chunk}`.slice(-1000);
    });
    createInterface({ input: this.child.stdout }).on("line", (line) => this.take(line));
    this.started = this.reply();
    this.started.catch(() => undefined);
  }

  /** A PNG or a PDF as base64, or the text of an SVG. Overlapping requests are served in order. */
  async draw(request: DrawRequest): Promise<string> {
    await this.started;
    const answer = this.reply();
    this.child.stdin.write(`${JSON.stringify(request)}\n`);
    const { code, message, result } = await answer;
    if (code !== 0 || result === null) throw new Error(`kaleido cannot draw the figure: ${message ?? `code ${code}`}`);
    return result;
  }

  /** Ends the browser after the requests before it. */
  async close(): Promise<void> {
    this.hold(true);
    this.child.stdin.end();
    await this.ended;
  }

  private async reply(): Promise<Reply> {
    if (this.child.exitCode !== null || this.child.signalCode !== null)
      throw new BrowserGone(`kaleido has ended (${this.child.signalCode ?? this.child.exitCode})`);
    this.hold(true);
    const answer = new Promise<Reply>((resolve, reject) => this.waiting.push({ resolve, reject }));
    if (this.waiting.length === 1) this.beginWaiting();
    try {
      return await answer;
    } finally {
      if (this.waiting.length === 0) this.hold(false);
    }
  }

  /** Every answer is a sign of life: the patience with the next one begins anew. */
  private take(line: string): void {
    try {
      const reply = JSON.parse(line) as Reply;
      this.waiting.shift()?.resolve(reply);
      this.beginWaiting();
    } catch {
      this.end(`answered what is not JSON: ${line.slice(0, 200)}`);
    }
  }

  private beginWaiting(): void {
    this.endWaiting();
    if (this.waiting.length === 0) return;
    const { seconds, idleSeconds } = this.patience;
    const late = setTimeout(() => this.end(`did not answer within ${seconds} s`), 1000 * seconds);
    let before = this.worked();
    const idle = setInterval(() => {
      const now = this.worked();
      if (Math.abs(now - before) < idleShare * idleSeconds) this.end(`did nothing for ${idleSeconds} s`);
      before = now;
    }, 1000 * idleSeconds);
    this.timers = [late, idle];
  }

  private endWaiting(): void {
    for (const timer of this.timers) clearTimeout(timer);
  }

  private worked(): number {
    return this.child.pid === undefined ? 0 : processorSeconds(this.child.pid);
  }

  private end(reason: string): void {
    this.fail(reason);
    this.child.kill("SIGKILL");
  }

  private fail(reason: string): void {
    this.endWaiting();
    for (const { reject } of this.waiting.splice(0)) reject(new BrowserGone(`kaleido ${reason}`));
  }

  /** Whether the child keeps this process from ending. */
  private hold(held: boolean): void {
    const handles = [this.child, this.child.stdin, this.child.stdout, this.child.stderr] as readonly Partial<Handle>[];
    for (const handle of handles) held ? handle.ref?.() : handle.unref?.();
  }
}

/** A child's pipes are sockets, which have these two although their types do not say so. */
interface Handle {
  readonly ref: () => void;
  readonly unref: () => void;
}

/** The script of plotly.js that is installed. */
function plotlyPath(): string {
  return join(projectRoot(), "node_modules", "plotly.js-dist", "plotly.js");
}

/** Starts the program itself: its shell script would split a path at a space. */
function spawnIn(folder: string, plotly: string): ChildProcessWithoutNullStreams {
  const browserFlags = ["--disable-gpu", "--disable-breakpad", "--disable-dev-shm-usage", "--no-sandbox"];
  const flags = [`--plotlyjs=${plotly}`, "--allow-file-access-from-files", ...browserFlags];
  const paths = {
    LD_LIBRARY_PATH: join(folder, "lib"),
    FONTCONFIG_PATH: join(folder, "etc", "fonts"),
    XDG_DATA_HOME: join(folder, "xdg"),
  };
  return spawn(join(folder, "bin", "kaleido"), ["plotly", ...flags], {
    cwd: folder,
    env: { ...process.env, ...paths },
  });
}

/** The Python environment that the set-up makes. */
export function projectEnvironment(): string {
  return join(projectRoot(), ".venv");
}

/** The folder of kaleido in a Python environment. Throws an Error that says how to install it. */
export function kaleidoFolder(environment: string): string {
  const libraries = join(environment, "lib");
  const found = (existsSync(libraries) ? readdirSync(libraries) : [])
    .map((python) => join(libraries, python, "site-packages", "kaleido", "executable"))
    .find((folder) => existsSync(join(folder, "bin", "kaleido")));
  if (found === undefined)
    throw new Error(`kaleido is missing in ${environment}, no figure can be drawn: npm run setup`);
  return found;
}
