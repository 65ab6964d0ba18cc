import { type ChildProcess, spawn } from "node:child_process";
import { createHmac, randomUUID } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { projectRoot } from "../../../lib/core/paths";

/** A message of the kernel, as far as tests look at it. */
export interface KernelMessage {
  readonly type: string;
  readonly parentId: string;
  readonly parentType: string;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly content: Readonly<Record<string, unknown>>;
}

/** What came of a cell: the kernel's reply, and what it published about the cell without states. */
export interface CellRun {
  readonly status: unknown;
  readonly outputs: readonly KernelMessage[];
}

export interface KernelClient {
  readonly process: ChildProcess;
  /** Everything published so far, in order. */
  readonly published: readonly KernelMessage[];
  /** Sends a request of a front end with the session `session`; its reply. */
  readonly request: (type: string, content: object, options?: RequestOptions) => Promise<KernelMessage>;
  /** Runs a cell to its end. */
  readonly run: (code: string) => Promise<CellRun>;
  readonly end: () => void;
}

interface RequestOptions {
  readonly session?: string;
  readonly metadata?: object;
}

interface Socket {
  readonly connect: (address: string) => void;
  readonly send: (frames: readonly (string | Buffer)[]) => Promise<void>;
  readonly receive: () => Promise<readonly Buffer[]>;
  readonly subscribe: () => void;
  readonly close: () => void;
}

type Zeromq = Readonly<Record<"Dealer" | "Subscriber", new () => Socket>>;

const delimiter = "<IDS|MSG>";
const key = "a key of the tests";
const ownSession = "tests";

/** Starts the kernel of this checkout, without Jupyter between. */
export async function startKernel(): Promise<KernelClient> {
  const { Dealer, Subscriber } = createRequire(join(projectRoot(), "node_modules", "tslab", "package.json"))(
    "zeromq",
  ) as Zeromq;
  const ports = await freePorts(["shell_port", "iopub_port", "stdin_port", "control_port", "hb_port"]);
  const file = join(mkdtempSync(join(tmpdir(), "fct-kernel-")), "connection.json");
  writeFileSync(
    file,
    JSON.stringify({ ...ports, ip: "127.0.0.1", transport: "tcp", key, signature_scheme: "hmac-sha256" }),
  );
  const child = spawn(process.execPath, [join(projectRoot(), "lib", "cli", "kernel", "kernel.cjs"), file], {
    stdio: ["ignore", "inherit", "inherit"],
  });
  const [shell, iopub] = [new Dealer(), new Subscriber()];
  shell.connect(`tcp://127.0.0.1:${ports.shell_port}`);
  iopub.connect(`tcp://127.0.0.1:${ports.iopub_port}`);
  iopub.subscribe();
  const published: KernelMessage[] = [];
  const replies = new Map<string, (reply: KernelMessage) => void>();
  void listen(iopub, (message) => published.push(message));
  void listen(shell, (message) => replies.get(message.parentId)?.(message));

  const request = async (type: string, content: object, options: RequestOptions = {}): Promise<KernelMessage> => {
    const id = randomUUID();
    const answered = new Promise<KernelMessage>((resolve) => replies.set(id, resolve));
    await shell.send(signed(id, type, content, options));
    return answered;
  };
  const isOver = ({ type, parentId, content }: KernelMessage, id: string): boolean =>
    type === "status" && parentId === id && content.execution_state === "idle";
  const run = async (code: string): Promise<CellRun> => {
    const { parentId, content } = await request("execute_request", { code, silent: false, store_history: true });
    while (!published.some((message) => isOver(message, parentId))) await pause(10);
    // After an error tslab turns cells away for a moment.
    if (content.status !== "ok") await pause(250);
    const about = published.filter((message) => message.parentId === parentId);
    return { status: content.status, outputs: about.filter(({ type }) => !/^(status|execute_input)$/.test(type)) };
  };
  const end = (): void => {
    for (const socket of [shell, iopub]) socket.close();
    child.kill("SIGKILL");
    rmSync(dirname(file), { recursive: true, force: true });
  };
  await untilHeard(request, published);
  return { process: child, published, request, run, end };
}

export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** What is published before the subscription has reached the kernel is lost: asks until it is heard. */
async function untilHeard(request: KernelClient["request"], published: KernelMessage[]): Promise<void> {
  while (published.length === 0) {
    await request("kernel_info_request", {});
    await pause(20);
  }
}

async function listen(socket: Socket, take: (message: KernelMessage) => void): Promise<void> {
  try {
    for (;;) take(messageOf(await socket.receive()));
  } catch {
    // The socket was closed.
  }
}

function messageOf(frames: readonly Buffer[]): KernelMessage {
  const start = frames.findIndex((frame) => frame.toString() === delimiter) + 2;
  const [header, parent, metadata, content] = frames.slice(start).map((frame) => JSON.parse(frame.toString()));
  return { type: header.msg_type, parentId: parent.msg_id, parentType: parent.msg_type, metadata, content };
}

function signed(id: string, type: string, content: object, { session = ownSession, metadata = {} }: RequestOptions) {
  const header = { msg_id: id, session, username: "", version: "5.3", msg_type: type, date: new Date().toISOString() };
  const parts = [header, {}, metadata, content].map((part) => JSON.stringify(part));
  const hmac = createHmac("sha256", key);
  for (const part of parts) hmac.update(part);
  return [delimiter, hmac.digest("hex"), ...parts];
}

/** A free port for each name. */
async function freePorts<Name extends string>(names: readonly Name[]): Promise<Readonly<Record<Name, number>>> {
  const servers = await Promise.all(names.map(() => listening()));
  const ports = servers.map((server) => (server.address() as { readonly port: number }).port);
  for (const server of servers) server.close();
  return Object.fromEntries(names.map((name, index) => [name, ports[index]])) as Record<Name, number>;
}

function listening(): Promise<ReturnType<typeof createServer>> {
  const server = createServer();
  return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(server)));
}
