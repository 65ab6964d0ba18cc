import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { catalogue } from "../../../lib/data/fetching/catalogue";
import { finalNumber } from "../../../lib/language/evaluation/exact-match";
import { loadTask, type TaskKind } from "../../../lib/language/tasks/task";
import type { TaskSample } from "../../../lib/language/tasks/task-sample";
import { temporaryFolder } from "../../temporary-folder";

let data = "";

beforeEach(() => {
  data = temporaryFolder();
  vi.stubEnv("FCT_DATA", data);
});
afterEach(() => vi.unstubAllEnvs());

type Lines = readonly (string | object)[];

/** Writes a file of a dataset, a line for each text or object. */
function file(path: string, lines: Lines): void {
  mkdirSync(dirname(join(data, path)), { recursive: true });
  const text = lines.map((line) => `${typeof line === "string" ? line : JSON.stringify(line)}\n`).join("");
  writeFileSync(join(data, path), text);
}

const goals = (part: string): Lines =>
  Array.from({ length: 5 }, (_, i) => ({
    id: `${i}`,
    goal: `open ${part} box ${i}`,
    sol1: "lift it",
    sol2: `pull ${i} `,
  }));
const labels = ["0", "1", "1", "0", "1"];

function piqa(changed: Readonly<Record<string, Lines>> = {}): void {
  const files = {
    "train.jsonl": goals("a"),
    "train-labels.lst": labels,
    "dev.jsonl": goals("my"),
    "dev-labels.lst": labels,
  };
  for (const [name, lines] of Object.entries({ ...files, ...changed }))
    file(`piqa/physicaliqa-train-dev/${name}`, lines);
}

const questionOf = (stem: string, answerKey: string, marks = ["A", "B", "C"]): object => ({
  id: stem,
  question: { stem, choices: marks.map((label) => ({ text: `${stem} ${label}`, label })) },
  answerKey,
});
const questions = (part: string): Lines => [
  questionOf(`${part} one`, "B"),
  questionOf(`${part} two`, "4", ["1", "2", "3", "4"]),
  questionOf(`${part} three`, "A"),
];

function choices(
  kind: "arc-easy" | "arc-challenge" | "openbookqa",
  train: Lines,
  tested: Lines = questions("test"),
): void {
  for (const part of ["Easy", "Challenge"]) {
    file(`arc/ARC-V1-Feb2018-2/ARC-${part}/ARC-${part}-Train.jsonl`, kind === "openbookqa" ? questions(part) : train);
    file(`arc/ARC-V1-Feb2018-2/ARC-${part}/ARC-${part}-Test.jsonl`, tested);
  }
  file("openbookqa/OpenBookQA-V1-Sep2018/Data/Main/train.jsonl", train);
  file("openbookqa/OpenBookQA-V1-Sep2018/Data/Main/test.jsonl", tested);
}

const load = (kind: TaskKind, train = 2, asked = 2) => loadTask({ kind, train, test: asked });

describe("a published task", () => {
  test("of PIQA learns of its training part, and asks of its development part", async () => {
    piqa();
    const { train, test: asked } = await load("piqa", 5, 5);
    const right = (samples: readonly TaskSample[], part: string) =>
      samples
        .toSorted((a, b) => (a.prompt < b.prompt ? -1 : 1))
        .map(({ prompt, answer, choices: given }, i) => {
          expect(prompt).toBe(`Question: open ${part} box ${i}\nAnswer:`);
          expect(given).toEqual([" lift it", ` pull ${i}`]);
          return given?.indexOf(answer);
        });
    expect(right(train, "a")).toEqual([0, 1, 1, 0, 1]);
    expect(right(asked, "my")).toEqual([0, 1, 1, 0, 1]);
    // Fewer are the first of more.
    expect((await load("piqa", 2, 3)).test).toEqual(asked.slice(0, 3));
    await expect(load("piqa", 6)).rejects.toThrow(/samples of the task piqa: expected at most 5, got 6/);
  });

  test.each(["arc-easy", "arc-challenge", "openbookqa"] as const)(
    "%s has choices by letters or numbers",
    async (kind) => {
      choices(kind, questions("train"));
      const { train, test: asked } = await load(kind, 3, 3);
      expect(train.map(({ prompt }) => prompt).toSorted()[0]).toBe("Question: train one\nAnswer:");
      const two = asked.find(({ prompt }) => prompt.includes("two"));
      expect([two?.answer, two?.choices]).toEqual([" test two 4", [1, 2, 3, 4].map((label) => ` test two ${label}`)]);
    },
  );

  test("learns no question that is asked", async () => {
    choices("openbookqa", [...questions("train"), ...questions("test")]);
    await expect(load("openbookqa", 4)).rejects.toThrow(/expected at most 3, got 4/);
  });

  test("of GSM8K has the marked steps and the number of its solutions", async () => {
    const { train, test: asked } = await load("gsm8k", 7000, 1300);
    for (const { prompt, answer } of train) {
      expect(prompt).toMatch(/^Question: [\s\S]+\nAnswer:$/);
      expect(answer).toMatch(/ #### -?[\d,.]+$/);
      expect(answer.length).toBeLessThanOrEqual(80);
    }
    const clips = train.find(({ prompt }) => prompt.includes("Natalia sold clips to 48"));
    if (clips !== undefined) expect(clips.answer).toBe(" 48/2=24 , 48+24=72 #### 72");
    expect(asked.every(({ answer }) => finalNumber(answer) === answer.split("#### ")[1]?.replaceAll(",", ""))).toBe(
      true,
    );
  });
});

describe("refused, with its place, is", () => {
  test("a dataset that is not there, with home, terms and what to do", async () => {
    for (const [kind, name] of [
      ["piqa", "piqa"],
      ["arc-easy", "arc"],
      ["openbookqa", "openbookqa"],
    ] as const) {
      const message = await load(kind).then(String, (error: Error) => error.message);
      const { title, home, terms } = catalogue[name];
      for (const part of [title, home, terms, `run: npm run fct -- data get ${name}`]) expect(message).toContain(part);
    }
    mkdirSync(join(data, "piqa"));
    await expect(load("piqa")).rejects.toThrow(/piqa: is not PIQA.*physicaliqa-train-dev\/train\.jsonl, .*missing/);
  });

  test.each([
    ["dev.jsonl", ["{", ...goals("x").slice(1)], /dev\.jsonl, line 1: is not JSON/],
    ["dev.jsonl", [...goals("x").slice(1), "[1]"], /dev\.jsonl, line 5: is not a JSON object/],
    ["dev.jsonl", [{ goal: "g", sol1: "a" }, ...goals("x").slice(1)], /dev\.jsonl, line 1: has no text "sol2"/],
    ["train.jsonl", [...goals("x").slice(1), { goal: " ", sol1: "a", sol2: "b" }], /line 5: has no text "goal"/],
    ["train.jsonl", [...goals("x").slice(0, 2), "", ...goals("x").slice(2)], /train\.jsonl, line 3: is empty/],
    [
      "train-labels.lst",
      labels.slice(1),
      /train-labels\.lst: has 4 lines: 5 are expected, one for each of train\.jsonl/,
    ],
    ["train-labels.lst", ["2", ...labels.slice(1)], /train-labels\.lst, line 1: is "2": 0 or 1 is expected/],
    ["train.jsonl", [`{"goal":"a","goal":"b"}`, ...goals("x").slice(1)], /line 1: names "goal" twice/],
    ["train.jsonl", [{ goal: "x".repeat(60_000) }, ...goals("x").slice(1)], /line 1: has 60\d+ characters of JSON/],
  ] as const)("of PIQA's %s a bad line", async (name, lines, message) => {
    piqa({ [name]: lines });
    await expect(load("piqa")).rejects.toThrow(message);
  });

  test("a file of another encoding", async () => {
    piqa();
    writeFileSync(join(data, "piqa/physicaliqa-train-dev/dev.jsonl"), Buffer.from('{"goal":"\xfcber"}', "latin1"));
    await expect(load("piqa")).rejects.toThrow(
      /dev\.jsonl: is not UTF-8: its byte \d+ begins no character; convert it/,
    );
  });

  const one = { text: "x", label: "A" };
  test.each([
    [{ question: { stem: "s" }, answerKey: "A" }, /line 1: has no question with "choices"/],
    [{ question: { stem: "s", choices: [one] }, answerKey: "A" }, /has 1 choices: two or more/],
    [{ question: { stem: "s", choices: [one, one] }, answerKey: "A" }, /has two choices "A"/],
    [{ question: { stem: "s", choices: [one, 3] }, answerKey: "A" }, /has a choice that is no object/],
    [{ question: { stem: "s", choices: [one, { label: "B" }] }, answerKey: "A" }, /has no text "text"/],
    [questionOf("s", "D"), /has the answerKey "D": one of A, B, C is expected/],
    [{ ...questionOf("s", "A"), answerKey: 1 }, /has the answerKey 1: one of A, B, C/],
    [questionOf(" ", "A"), /has no text "stem"/],
  ] as const)("of ARC the line %j", async (line, message) => {
    choices("arc-easy", [line]);
    await expect(load("arc-easy")).rejects.toThrow(message);
  });
});
