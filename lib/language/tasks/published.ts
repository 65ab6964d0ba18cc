import { join } from "node:path";
import { isPlainObject } from "../../core/hash";
import { InputError } from "../../core/input-error";
import { presentFolder } from "../../data/fetching/dataset-state";
import { storedTexts } from "../texts/text-archive";
import { type FileLine, linesOf, objectIn, textMember } from "./json-lines";
import type { TaskSample } from "./task-sample";

/** A task with a split of its publishers: what may be learned, and what is asked. */
export interface PublishedTask {
  readonly train: readonly TaskSample[];
  readonly test: readonly TaskSample[];
}

/**
 * Which of two ways reaches a goal (PIQA, Bisk et al., arXiv 1911.11641), in the files of its
 * publishers: train.jsonl and dev.jsonl, of whose test part the answers are not published, and a
 * file of labels for each. Throws InputError, naming file and line, and an error if they are not on
 * this machine.
 */
export async function piqaSamples(folder: string = presentFolder("piqa")): Promise<PublishedTask> {
  const part = async (name: string): Promise<readonly TaskSample[]> => {
    const path = join(folder, "physicaliqa-train-dev", `${name}-labels.lst`);
    const [questions, labels] = [await linesOf(path.replace("-labels.lst", ".jsonl")), await linesOf(path)];
    if (labels.length !== questions.length) {
      const fault = `has ${labels.length} lines: ${questions.length} are expected, one for each of ${name}.jsonl`;
      throw new InputError({ file: path, fault });
    }
    return questions.map((line, index) => goal(line, labels[index] as FileLine));
  };
  return { train: await part("train"), test: await part("dev") };
}

function goal(line: FileLine, label: FileLine): TaskSample {
  const found = objectIn(line);
  const choices = ["sol1", "sol2"].map((name) => ` ${textMember(found, name, line)}`);
  const answer = /^[01]$/.test(label.text) ? choices[Number(label.text)] : undefined;
  if (answer === undefined) throw label.refuse(`is ${JSON.stringify(label.text.slice(0, 100))}: 0 or 1 is expected`);
  return { prompt: asked(textMember(found, "goal", line)), answer, choices };
}

/**
 * Questions of science with up to five answers (ARC, Clark et al., arXiv 1803.05457). Throws as
 * `piqaSamples`.
 */
export function arcSamples(part: "Easy" | "Challenge", folder: string = presentFolder("arc")): Promise<PublishedTask> {
  const path = (split: string): string => join(folder, "ARC-V1-Feb2018-2", `ARC-${part}`, `ARC-${part}-${split}.jsonl`);
  return choiceTask(path("Train"), path("Test"));
}

/** The same of elementary facts (OpenBookQA, Mihaylov et al., arXiv 1809.02789). */
export function openBookSamples(folder: string = presentFolder("openbookqa")): Promise<PublishedTask> {
  const path = (split: string): string => join(folder, "OpenBookQA-V1-Sep2018", "Data", "Main", `${split}.jsonl`);
  return choiceTask(path("train"), path("test"));
}

async function choiceTask(train: string, test: string): Promise<PublishedTask> {
  return { train: (await linesOf(train)).map(question), test: (await linesOf(test)).map(question) };
}

function question(line: FileLine): TaskSample {
  const { question: found, answerKey } = objectIn(line);
  if (!isPlainObject(found) || !Array.isArray(found.choices)) throw line.refuse('has no question with "choices"');
  const choices = new Map<string, string>();
  for (const choice of found.choices as readonly unknown[]) {
    if (!isPlainObject(choice)) throw line.refuse("has a choice that is no object");
    const label = textMember(choice, "label", line);
    if (choices.has(label)) throw line.refuse(`has two choices ${JSON.stringify(label)}`);
    choices.set(label, ` ${textMember(choice, "text", line)}`);
  }
  if (choices.size < 2) throw line.refuse(`has ${choices.size} choices: two or more are expected`);
  const answer = typeof answerKey === "string" ? choices.get(answerKey) : undefined;
  if (answer === undefined) {
    throw line.refuse(
      `has the answerKey ${JSON.stringify(answerKey)}: one of ${[...choices.keys()].join(", ")} is expected`,
    );
  }
  return { prompt: asked(textMember(found, "stem", line)), answer, choices: [...choices.values()] };
}

/** More characters of steps than this are not learned, so that they fit into a small context. */
const mostOfSteps = 80;

/**
 * Tasks of mathematics (GSM8K, Cobbe et al., arXiv 2110.14168), from the committed texts. Of a
 * solution the steps that its authors marked for a calculator are learned, without the sentences
 * around them: "48/2=24 , 48+24=72 #### 72". Throws InputError if the texts are damaged.
 */
export async function mathematicsSamples(): Promise<PublishedTask> {
  const documents = await storedTexts(["gsm8k"]);
  const part = (name: string): readonly TaskSample[] => {
    const file = documents.find(({ path }) => path === `gsm8k/${name}.jsonl`);
    const lines = (file?.text ?? "").trim().split("\n");
    return lines.map((text, index) => {
      const place = `line ${index + 1}`;
      const refuse = (fault: string) => new InputError({ file: `gsm8k/${name}.jsonl`, place, fault });
      return solved({ text, refuse });
    });
  };
  return { train: part("train").filter(({ answer }) => answer.length <= mostOfSteps), test: part("test") };
}

function solved(line: FileLine): TaskSample {
  const found = objectIn(line);
  const [solution = "", result = ""] = textMember(found, "answer", line).split("####");
  const [number] = /^-?\d[\d,]*(\.\d+)?$/.exec(result.trim()) ?? [];
  if (number === undefined) throw line.refuse("has no number after ####");
  const steps = [...solution.matchAll(/<<([^<>]+)>>/g)].map(([, step]) => step);
  return { prompt: asked(textMember(found, "question", line)), answer: ` ${steps.join(" , ")} #### ${number}` };
}

function asked(question: string): string {
  return `Question: ${question}\nAnswer:`;
}
