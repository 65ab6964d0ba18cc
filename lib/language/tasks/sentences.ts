import { storedTexts } from "../texts/text-archive";
import type { TaskSample } from "./task-sample";

/** The choices of a task, and the file whose sentences each is right for. */
interface Labelled {
  readonly folder: string;
  readonly question: string;
  readonly answers: Readonly<Record<string, string>>;
}

/** Opinions of reviewers and sentences that tell a plot (Pang and Lee, 2004). */
export function subjectivitySamples(): Promise<readonly TaskSample[]> {
  return labelled({
    folder: "subjectivity",
    question: "opinion or plot ?",
    answers: { "quote.tok.gt9.5000": " opinion", "plot.tok.gt9.5000": " plot" },
  });
}

/** Sentences of reviews that praise a film or do not (Pang and Lee, 2005). */
export function polaritySamples(): Promise<readonly TaskSample[]> {
  return labelled({
    folder: "sentence_polarity",
    question: "good or bad ?",
    answers: { "rt-polarity.pos": " good", "rt-polarity.neg": " bad" },
  });
}

async function labelled({ folder, question, answers }: Labelled): Promise<readonly TaskSample[]> {
  const documents = await storedTexts([folder]);
  const choices = Object.values(answers);
  return documents.flatMap(({ path, text }) => {
    const answer = answers[path.slice(folder.length + 1)];
    if (answer === undefined) return [];
    return sentencesOf(text).map((sentence) => ({ prompt: `${sentence}\n${question}`, answer, choices }));
  });
}

function sentencesOf(text: string): readonly string[] {
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
}

/** Words that are left out of a sentence: the commonest of English, which carry its grammar. */
const leftOut = new Set(
  "a an and are as at be but by for from has have he her his in is it its not of on or that the their they this to was with you".split(
    " ",
  ),
);
const [fewest, most] = [6, 14];

/** Short sentences of reviews, to be restored from what is left without their commonest words. */
export async function restorationSamples(): Promise<readonly TaskSample[]> {
  const documents = await storedTexts(["sentence_polarity"]);
  const sentences = documents.flatMap(({ text }) => sentencesOf(text)).map((sentence) => sentence.split(/\s+/));
  const short = sentences.filter(({ length }) => length >= fewest && length <= most);
  return short.map((words) => {
    const kept = words.filter((word) => !leftOut.has(word));
    return { prompt: `${kept.join(" ")}\nfull :`, answer: ` ${words.join(" ")}` };
  });
}
