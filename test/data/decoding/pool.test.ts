import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { closeSync, openSync, readdirSync, readFileSync, readlinkSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import sharp from "sharp";
import { describe, expect, it, onTestFinished } from "vitest";
import { projectRoot } from "../../../lib/core/paths";
import { random } from "../../../lib/core/random";
import { decodeImage } from "../../../lib/data/decoding/decode-image";
import { type DecodeTask, decodeBatch } from "../../../lib/data/decoding/messages";
import { type DecodePool, poolSize, startDecodePool } from "../../../lib/data/decoding/pool";
import { temporaryFolder } from "../../temporary-folder";

const side = 16;
const valuesPerImage = side * side * 3;
const normalisation = { mean: [100, 120, 140], deviation: [50, 60, 70] };
const order = (tasks: readonly DecodeTask[]) => ({ tasks, valuesPerImage, normalisation });

/** Noise as JPEG files, each to be seen in the test view. */
async function noiseImages(count: number): Promise<readonly DecodeTask[]> {
  const folder = temporaryFolder();
  const stream = random(9, "noise images");
  const write = async (index: number): Promise<DecodeTask> => {
    const path = join(folder, `${index}.jpg`);
    const pixels = Uint8Array.from({ length: 40 * 30 * 3 }, () => stream.integer(256));
    await sharp(pixels, { raw: { width: 40, height: 30, channels: 3 } }).toFile(path);
    return { path, view: { kind: "centre", side, mirrored: index % 2 === 1 } };
  };
  return Promise.all(Array.from({ length: count }, (_, index) => write(index)));
}

function pool(processes = 2): DecodePool {
  const started = startDecodePool({ processes, imagesEach: 2 });
  onTestFinished(() => started.close());
  return started;
}

/** The processes whose parent is `parent`, by /proc. */
function childrenOf(parent: number): readonly number[] {
  const processes = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return processes.map(Number).filter((id) => statusOf(id)?.parent === parent);
}

/** Null once a process has ended, waited for by its parent or not. */
function statusOf(id: number): { readonly parent: number } | null {
  try {
    const [state, parent] = readFileSync(`/proc/${id}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
    return state === "Z" ? null : { parent: Number(parent) };
  } catch {
    return null;
  }
}

async function until<T>(condition: () => T | null | undefined | false): Promise<T> {
  for (let i = 0; i < 500; i++) {
    const value = condition();
    if (value) return value;
    await setTimeout(20);
  }
  throw new Error("waited 10 s in vain");
}

const ends = new Map<string, number>();

/** A file whose reader waits until it is fed: a pipe that is open for writing. */
function waitingFile(): string {
  const path = join(temporaryFolder(), "waits.jpg");
  execFileSync("mkfifo", [path]);
  ends.set(path, openSync(path, "r+"));
  onTestFinished(() => feed(path, Buffer.alloc(0)));
  return path;
}

/** Gives the reader of a waiting file its content, once. */
function feed(path: string, content: Buffer): void {
  const end = ends.get(path);
  if (end === undefined) return;
  ends.delete(path);
  writeSync(end, content);
  closeSync(end);
}

describe("a pool", () => {
  it("decodes as this process does, in the order asked for, each value normalised", async () => {
    const tasks = await noiseImages(12);
    const { values, broken } = await pool().decode(order(tasks));
    const expected = await Promise.all(tasks.map(({ path, view }) => decodeImage(path, view)));
    expect(broken).toEqual([]);
    const bytes = expected.flatMap((image) => [...image]);
    expect(values).toHaveLength(bytes.length);
    const wrong = bytes.filter((byte, i) => {
      const [mean = 0, deviation = 1] = [normalisation.mean[i % 3], normalisation.deviation[i % 3]];
      return values[i] !== Math.fround((byte - mean) / deviation);
    });
    expect(wrong).toEqual([]);
  });

  it("reuses the memory of a batch given back, and the new batch is as if it did not", async () => {
    const tasks = await noiseImages(8);
    const decoding = pool();
    const [first, second] = [tasks.slice(0, 4), tasks.slice(4)];
    const fresh = await decoding.decode(order(second));
    const given = await decoding.decode(order(first));
    decoding.recycle(given.values);
    expect(given.values).toHaveLength(0);
    expect((await decoding.decode(order(second))).values).toEqual(fresh.values);
    expect((await decoding.decode(order(second.slice(0, 1)))).values).toEqual(fresh.values.slice(0, valuesPerImage));
  });

  it("tells which images are broken, decodes the others, and rejects the batch where a file is not there", async () => {
    const tasks = await noiseImages(4);
    const whole = readFileSync(tasks[1]?.path ?? "");
    writeFileSync(tasks[1]?.path ?? "", whole.subarray(0, whole.length / 2));
    writeFileSync(tasks[3]?.path ?? "", "no image");
    const decoding = pool();
    const { values, broken } = await decoding.decode(order(tasks));
    expect(broken.map(({ position }) => position)).toEqual([1, 3]);
    for (const { reason } of broken) expect(reason).toMatch(/^\S.*\S$/);
    const alone = await decoding.decode(order(tasks.slice(2, 3)));
    expect(values.slice(2 * valuesPerImage, 3 * valuesPerImage)).toEqual(alone.values);
    const absent = { path: "/nowhere/image.jpg", view: { kind: "centre", side, mirrored: false } } as const;
    await expect(decoding.decode(order([...tasks.slice(0, 1), absent]))).rejects.toThrow(absent.path);
    expect((await decoding.decode(order(tasks.slice(2, 3)))).values).toEqual(alone.values);
    expect((await decoding.decode(order([]))).values).toHaveLength(0);
  });

  it("replaces a process that is killed at its work: no image is lost or counted as broken", async () => {
    const tasks = await noiseImages(6);
    const path = waitingFile();
    const before = new Set(childrenOf(process.pid));
    const own = () => childrenOf(process.pid).filter((id) => !before.has(id));
    const decoding = pool();
    const expected = await decoding.decode(order(tasks));
    const first = own();
    expect(first).toHaveLength(2);
    const many = Array.from({ length: 100 }, () => tasks).flat();
    const waiting = { path, view: { kind: "centre", side, mirrored: false } } as const;
    const decoded = decoding.decode(order([waiting, ...many]));
    const killed = await until(() => own().find((id) => opens(id, path)));
    process.kill(killed, "SIGKILL");
    const next = await until(() => own().find((id) => id !== killed && opens(id, path)));
    expect(first).toContain(killed);
    await until(() => own().length === 2 && !own().includes(killed));
    // The other process may have taken the image over; either way there is a new one.
    expect(own().filter((id) => !first.includes(id))).toHaveLength(1);
    expect(own()).toContain(next);
    feed(path, readFileSync(tasks[0]?.path ?? ""));
    const { values, broken } = await decoded;
    expect(broken).toEqual([]);
    const [size, image] = [expected.values.length, expected.values.subarray(0, valuesPerImage)];
    expect(values.slice(0, valuesPerImage)).toEqual(image);
    const rest = values.subarray(valuesPerImage);
    for (let i = 0; i < 100; i++) {
      if (Buffer.compare(bytes(rest.subarray(i * size, (i + 1) * size)), bytes(expected.values)) !== 0)
        throw new Error(`repetition ${i} differs`);
    }
  });

  it("counts an image at which three processes ended as broken", async () => {
    const [task] = await noiseImages(1);
    const path = waitingFile();
    const before = new Set(childrenOf(process.pid));
    const decoding = pool(1);
    const decoded = decoding.decode(order([{ path, view: { kind: "centre", side, mirrored: false } }]));
    for (let i = 0; i < 3; i++) {
      const id = await until(() => childrenOf(process.pid).find((child) => !before.has(child) && opens(child, path)));
      before.add(id);
      process.kill(id, "SIGKILL");
    }
    expect((await decoded).broken).toEqual([
      { position: 0, reason: `3 decoding processes ended at it, the last by SIGKILL` },
    ]);
    expect((await decoding.decode(order(task ? [task] : []))).broken).toEqual([]);
  });

  it("rejects what is asked for when it is closed, and after", async () => {
    const decoding = pool();
    const decoded = decoding.decode(order(await noiseImages(1))).catch((error: Error) => error.message);
    await decoding.close();
    expect(await decoded).toBe("the decoding processes were ended");
    expect(decoding.ended()).toBe("the decoding processes were ended");
    await expect(decoding.decode(order(await noiseImages(1)))).rejects.toThrow("were ended");
  });

  it.each([0, 1.5, Number.NaN])("of %f processes or images each is refused", (count) => {
    expect(() => startDecodePool({ processes: count, imagesEach: 2 })).toThrow(
      new RegExp(`^decoding processes: .*got ${count}$`),
    );
    expect(() => startDecodePool({ processes: 2, imagesEach: count })).toThrow(
      new RegExp(`^images each: .*got ${count}$`),
    );
  });

  it("has hands for every core, four at most in a process, and an image more than hands", () => {
    expect(poolSize(1)).toEqual({ processes: 1, imagesEach: 2 });
    expect(poolSize(2)).toEqual({ processes: 1, imagesEach: 3 });
    for (let cores = 1; cores <= 200; cores++) {
      const { processes, imagesEach } = poolSize(cores);
      expect(processes * (imagesEach - 1)).toBeGreaterThanOrEqual(cores);
      expect(processes * (imagesEach - 2)).toBeLessThan(cores);
      expect(imagesEach - 1).toBeLessThanOrEqual(4);
    }
  });
});

function bytes({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** Whether a decoding process has opened `path`; a fork that is not yet one has what its parent has. */
function opens(id: number, path: string): boolean {
  try {
    if (!readFileSync(`/proc/${id}/cmdline`, "utf8").includes("decoding/child")) return false;
    const open = readdirSync(`/proc/${id}/fd`).map((descriptor) => readlinkSync(`/proc/${id}/fd/${descriptor}`));
    return open.includes(path);
  } catch {
    return false;
  }
}

describe("the processes of a pool end with the process that started it", () => {
  /** A program with a pool that has decoded an image; it prints "decoded", then does what `after` says. */
  async function program(after: string): Promise<ChildProcess> {
    const [task] = await noiseImages(1);
    const started = JSON.stringify(join(projectRoot(), "lib", "dist", "data", "decoding", "pool.js"));
    const code = `const pool = require(${started}).startDecodePool({ processes: 2, imagesEach: 2 });
      pool.decode(${JSON.stringify(order(task ? [task] : []))}).then(() => { console.log("decoded"); ${after} });`;
    const child = spawn(process.execPath, ["-e", code], { stdio: ["ignore", "pipe", "inherit"] });
    onTestFinished(() => void child.kill("SIGKILL"));
    await new Promise((resolve, reject) => {
      child.stdout?.once("data", resolve);
      child.once("exit", () => reject(new Error("ended before it had decoded")));
    });
    return child;
  }

  it.each(["SIGKILL", "SIGTERM", "SIGINT"] as const)("by %s", async (signal) => {
    const child = await program("setInterval(() => {}, 1000);");
    const processes = childrenOf(child.pid ?? 0);
    expect(processes).toHaveLength(2);
    child.kill(signal);
    await until(() => processes.every((id) => statusOf(id) === null));
  });

  it("by itself, which an idle pool does not delay", async () => {
    const child = await program("");
    const processes = childrenOf(child.pid ?? 0);
    expect(child.exitCode ?? (await new Promise((resolve) => child.once("exit", resolve)))).toBe(0);
    await until(() => processes.every((id) => statusOf(id) === null));
  });

  it("but not by the terminal's interrupt alone: the batch under way is still decoded", async () => {
    const tasks = await noiseImages(6);
    const before = new Set(childrenOf(process.pid));
    const decoding = pool(1);
    await decoding.decode(order(tasks));
    const own = childrenOf(process.pid).filter((id) => !before.has(id));
    const decoded = decoding.decode(order(Array.from({ length: 20 }, () => tasks).flat()));
    for (const id of own) process.kill(id, "SIGINT");
    expect((await decoded).broken).toEqual([]);
    expect(childrenOf(process.pid).filter((id) => !before.has(id))).toEqual(own);
  });
});

it("a batch refuses an image of another size", () => {
  const batch = decodeBatch({ id: 0, ...order([]) });
  expect(() => batch.fill(0, new Uint8Array(5))).toThrow(/expected 768, got 5$/);
});
