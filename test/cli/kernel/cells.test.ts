import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type KernelClient, type KernelMessage, pause, startKernel } from "./kernel-client";

let kernel: KernelClient;

beforeAll(async () => {
  kernel = await startKernel();
});

afterAll(() => kernel.end());

/** The texts that a cell showed, streams and values alike. */
async function texts(code: string): Promise<readonly unknown[]> {
  const { status, outputs } = await kernel.run(code);
  expect(status, JSON.stringify(outputs)).toBe("ok");
  return outputs.map(textOf);
}

function textOf({ type, content }: KernelMessage): unknown {
  return type === "stream" ? content.text : (content.data as Record<string, unknown>)["text/plain"];
}

async function failureOf(code: string): Promise<readonly string[]> {
  const { status, outputs } = await kernel.run(code);
  expect(status).toBe("error");
  const last = outputs.at(-1);
  expect(last?.type).toBe("error");
  const lines = last?.content.traceback as readonly string[];
  return lines.map((line) => line.replace(/\[\d+\]/g, "[n]"));
}

describe("names of properties that are variables of earlier cells", () => {
  beforeAll(async () => {
    await texts("const a = 1;\nlet w = 0;\nconst o = { a: 2, deep: { c: 3 } };\ninterface Named { a: number }");
  });

  it.each([
    ["a shorthand property", "({ a })", "{ a: 1 }"],
    [
      "one among others, nested, in an array and in a call",
      "[{ w, n: { a } }].map(({ n }) => ({ n, a }))",
      "[ { n: { a: 1 }, a: 1 } ]",
    ],
    ["a pattern that renames", "const { a: q, deep: { c } } = o;\n[q, c]", "[ 2, 3 ]"],
    ["a parameter that renames", "const take = ({ a: z }: Named): number => z;\ntake({ a })", "1"],
    ["an assignment to variables", "({ a: w } = o);\nw", "2"],
    ["an assignment in short form", "({ w } = { w: 5 });\nw", "5"],
    ["an assignment with a default", "({ w = 7 } = {} as { w?: number });\nw", "7"],
    ["a literal of a type of an earlier cell", "const named: Named = { a: 4 };\nnamed", "{ a: 4 }"],
    ["a variable of the same cell", "const own = 6;\n({ own, a })", "{ own: 6, a: 1 }"],
  ])("%s", async (_, code, shown) => {
    expect(await texts(code)).toEqual([shown]);
  });
});

describe("the last value of a cell", () => {
  it("is a result with the number of the cell", async () => {
    const { outputs } = await kernel.run("6 * 7");
    expect(outputs.map(({ type }) => type)).toEqual(["execute_result"]);
    expect(outputs[0]?.content).toMatchObject({ data: { "text/plain": "42" }, execution_count: expect.any(Number) });
  });

  it("is what a promise comes to, and nothing for undefined", async () => {
    expect(await texts("Promise.resolve(new Map([[1, [2]]]))")).toEqual(["Map(1) { 1 => [ 2 ] }"]);
    expect(await texts("Promise.resolve(undefined)")).toEqual([]);
    expect(await texts('console.log("said")')).toEqual(["said\n"]);
  });

  it("is a table if it looks like a data frame", async () => {
    const { outputs } = await kernel.run('({ columns: ["x", "y"], values: [[1, "a"], [2, "b"]] })');
    expect(outputs.map(({ content }) => Object.keys(content.data as object))).toEqual([["text/html", "text/plain"]]);
  });

  it("is a figure if it looks like one", async () => {
    const { outputs } = await kernel.run('({ data: [{ type: "bar", x: [1], y: [2] }] })');
    expect(outputs[0]?.content).toMatchObject({ metadata: { "image/png": { width: 760, height: 450 } } });
  });

  it("fails the cell, once, if it is a promise that is rejected", async () => {
    const failure = await failureOf('Promise.reject(new Error("no value"))');
    expect(failure.filter((line) => line.startsWith("Error: no value"))).toHaveLength(1);
  });
});

describe("failures", () => {
  it("of the compiler name cell, line and column, with the lines around", async () => {
    expect(await failureOf('// one\nconst text: number =\n  "text";')).toEqual([
      "cell [n]:2:7 - Type 'string' is not assignable to type 'number'.",
      "",
      "  1 | // one",
      "> 2 | const text: number =",
      "    |       ^",
      '  3 |   "text";',
      "",
    ]);
  });

  it("that have reasons list them below, once", async () => {
    const lines = await failureOf(
      "const wide: { a: number } = { a: 1 };\nconst f: (x: string) => void = (x: number) => {};",
    );
    expect(lines[0]).toMatch(/^cell \[n\]:2:7 - Type '.*' is not assignable to type '.*'\.$/);
    expect(lines[1]).toMatch(/^ {2}\S/);
    expect(lines.filter((line) => line.startsWith(">"))).toHaveLength(1);
  });

  it("at run time name the lines of every cell that took part", async () => {
    await texts(
      "interface Unseen { u: number }\n\nconst boom = (v: number): number => {\n  type Gone = string;\n  throw new RangeError('no ' + v);\n};",
    );
    expect(await failureOf("type Away = number;\n\nboom(3)")).toEqual([
      "RangeError: no 3",
      "",
      "  3 | const boom = (v: number): number => {",
      "  4 |   type Gone = string;",
      "> 5 |   throw new RangeError('no ' + v);",
      "    |         ^",
      "  6 | };",
      "",
      "    at boom (cell [n]:5:9)",
      "    at cell [n]:3:1",
    ]);
  });

  it("at run time are right in asynchronous cells, and in stacks that a cell prints", async () => {
    expect((await failureOf("type T = 1;\nawait null;\nthrow new Error('late');")).at(-1)).toBe("    at cell [n]:3:7");
    const [printed] = await texts("interface A { b: 1 }\nconsole.log(new Error('seen').stack)");
    expect(String(printed)).toMatch(/^Error: seen\n {4}at cell \[\d+\]:2:13\n$/);
  });

  it("in a file of one's own name its lines", async () => {
    const name = `own-${process.pid}`;
    const path = join(import.meta.dirname, "..", "..", "..", "notebooks", `${name}.ts`);
    writeFileSync(
      path,
      "export interface Unseen {\n  a: 1;\n}\n\nexport const fail = (): never => {\n  throw new Error('own');\n};\n",
    );
    try {
      const lines = await failureOf(`import { fail } from "./${name}";\nfail()`);
      expect(lines).toContain("> 6 |   throw new Error('own');");
      expect(lines.some((line) => line.endsWith(`${name}.ts:6:9)`))).toBe(true);
    } finally {
      rmSync(path);
    }
  });

  it.each([
    ["that nobody awaits", 'const stray = Promise.reject(new Error("nobody awaits"));', /nobody awaits/],
    ["that are no errors", 'throw "text"', /'text'/],
  ])("%s", async (_, code, words) => {
    expect((await failureOf(code)).join("\n")).toMatch(words);
  });

  it("in a timer fail the cell that runs then", async () => {
    const later =
      'setTimeout(() => { throw new Error("in a timer"); }, 20);\nawait new Promise((resolve) => setTimeout(resolve, 200));';
    expect((await failureOf(later))[0]).toBe("Error: in a timer");
  });
});

describe("help", () => {
  const help = async (code: string, cursor_pos: number): Promise<string> => {
    const { content } = await kernel.request("inspect_request", { code, cursor_pos, detail_level: 0 });
    return content.found === true ? String((content.data as Record<string, unknown>)["text/plain"]) : "none";
  };

  beforeAll(async () => {
    await texts(
      "/**\n * Adds.\n * @param second The other one.\n */\nfunction add(first: number, second: string): number { return first; }",
    );
  });

  it("is about the call around the cursor, with the parameter that comes next", async () => {
    expect(await help("add(", 4)).toBe("add(first: number, second: string): number\n> first: number\n\nAdds.");
    expect(await help("add(1, ", 7)).toBe(
      "add(first: number, second: string): number\n> second: string: The other one.\n\nAdds.",
    );
  });

  it("is about a name at the cursor, counted in characters", async () => {
    expect(await help("add", 2)).toContain("function add(first: number, second: string): number");
    expect(await help('const 𝑥 = "😀😀"; add', 19)).toContain("function add(");
    expect(await help("1 + 1", 5)).toBe("none");
  });

  it("completes names where the characters are", async () => {
    const { content } = await kernel.request("complete_request", { code: '"😀"; ad', cursor_pos: 7 });
    expect(content).toMatchObject({ cursor_start: 5, cursor_end: 7, matches: expect.arrayContaining(["add"]) });
  });
});

describe("while a cell runs", () => {
  const states = (messages: readonly KernelMessage[]): readonly unknown[] =>
    messages
      .filter(({ type }) => type === "status")
      .map(({ parentType, content }) => `${parentType} ${content.execution_state}`);

  const seen = (start: number, matches: (message: KernelMessage) => boolean): Promise<void> =>
    expect.poll(() => kernel.published.slice(start).some(matches), { timeout: 10_000, interval: 10 }).toBe(true);

  it("the last state is busy, whatever else is asked, and every question is seen to end", async () => {
    await pause(50);
    const start = kernel.published.length;
    const cell = kernel.run("await new Promise((resolve) => setTimeout(resolve, 800));");
    await seen(start, ({ type }) => type === "execute_input");
    await kernel.request("complete_request", { code: "ad", cursor_pos: 2 });
    await kernel.request("kernel_info_request", {});
    await pause(50);
    expect(states(kernel.published.slice(start))).toEqual([
      "execute_request busy",
      ...["complete_request busy", "complete_request idle", "execute_request busy"],
      ...["kernel_info_request busy", "kernel_info_request idle", "execute_request busy"],
    ]);
    await cell;
    expect(states(kernel.published).at(-1)).toBe("execute_request idle");
  });

  it("what it has shown is repeated to a page that comes later, as it stands", async () => {
    const code = `process.stdout.write("\\rone of many"); console.log("");
process.stdout.write("\\rstep 1 of 2"); process.stdout.write("\\rstep 2");
await new Promise((resolve) => setTimeout(resolve, 800));
void process.stdout.write("\\rdone\\n");`;
    const metadata = { cellId: "the-cell" };
    const early = kernel.published.length;
    const cell = kernel.request("execute_request", { code, silent: false }, { metadata });
    await seen(early, (message) => message.type === "update_display_data" && textOf(message) === "step 2");
    const start = kernel.published.length;
    await kernel.request("kernel_info_request", {}, { session: "another page" });
    await cell;
    await pause(50);
    const about = kernel.published.slice(start).filter(({ parentType }) => parentType === "execute_request");
    expect(about.every((message) => message.metadata.cellId === "the-cell")).toBe(true);
    const told = about.filter(({ type }) => type !== "status");
    expect(told.map(({ type }) => type)).toEqual([
      ...["execute_input", "clear_output", "display_data", "display_data"],
      "update_display_data",
    ]);
    expect(told.slice(2).map(textOf)).toEqual(["one of many", "step 2", "done"]);
    expect(told[4]?.content.transient).toEqual(told[3]?.content.transient);
  });

  it("is ended by an interrupt that comes while it is compiled, before it runs", async () => {
    // The types take the compiler long enough for the signal to come meanwhile.
    const code = [
      "type Digit = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7;",
      // biome-ignore lint/suspicious/noTemplateCurlyInString: the types of the cell
      "type Numbers = `${Digit}${Digit}${Digit}${Digit}${Digit}`;",
      'const one: Numbers = "01234";',
      'console.log("runs");',
    ];
    for (const last of ["one.length;", "while (true) await new Promise((resolve) => setTimeout(resolve, 10));"]) {
      const start = kernel.published.length;
      const cell = kernel.run([...code, last].join("\n"));
      await seen(start, ({ content }) => content.execution_state === "busy");
      await pause(30);
      kernel.process.kill("SIGINT");
      const { status, outputs } = await cell;
      expect([status, outputs.map(({ content }) => content.evalue)]).toEqual(["error", ["Interrupted asynchronously"]]);
    }
    expect(await texts("1 + 2")).toEqual(["3"]);
  });

  it("an interrupt ends it, as it ends the waiting for a last value, and the next cell runs", async () => {
    for (const code of [
      'console.log("works");\nwhile (true) await new Promise((resolve) => setTimeout(resolve, 10));',
      'console.log("works");\nnew Promise(() => {})',
    ]) {
      const start = kernel.published.length;
      const cell = kernel.run(code);
      await seen(start, ({ type }) => type === "stream");
      await pause(50);
      kernel.process.kill("SIGINT");
      const { status, outputs } = await cell;
      expect([status, outputs.at(-1)?.content.evalue]).toEqual(["error", "Interrupted asynchronously"]);
    }
    expect(await texts("1 + 1")).toEqual(["2"]);
  });
});
