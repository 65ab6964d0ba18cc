import { scoringOf, type TaskKind } from "../tasks/task";
import type { TaskSample } from "../tasks/task-sample";
import type { Tokenizer } from "../tokens/byte-pairs";
import type { LanguageModel } from "../training/objective";
import { chosenAnswers } from "./choices";
import { finalNumber } from "./exact-match";
import { generate } from "./generate";
import { rouge1 } from "./rouge";

/** What a model answers to the samples of a task. */
export interface Answered {
  /** The chosen answer, the final number ("none" if there is none), or the generated text. */
  readonly answers: readonly string[];
  /** What would be right, in the same form. */
  readonly right: readonly string[];
  /** 1 for a right answer and 0 for a wrong one, or the ROUGE-1 of a text. */
  readonly scores: readonly number[];
  /** Questions of which several choices are the likeliest; the first was taken. */
  readonly ties: number;
  /** Prompts that did not fit into the context and lost their beginning. */
  readonly cut: number;
}

/** The answers of a model to samples, scored as their task says. */
export function answered(
  tokenizer: Tokenizer,
  model: LanguageModel,
  { kind, samples }: { readonly kind: TaskKind; readonly samples: readonly TaskSample[] },
): Answered {
  const scoring = scoringOf(kind);
  switch (scoring.kind) {
    case "choice": {
      const questions = samples.map(({ prompt, choices = [] }) => ({ prompt, choices }));
      const { chosen, ...counts } = chosenAnswers(tokenizer, model, questions);
      const answers = chosen.map((choice, i) => questions[i]?.choices[choice] ?? "");
      return {
        ...compared(
          answers,
          samples.map(({ answer }) => answer),
        ),
        ...counts,
      };
    }
    case "exact-match": {
      const { texts, cut } = generated(tokenizer, model, samples, scoring.most);
      const number = (text: string): string => finalNumber(text) ?? "none";
      return {
        ...compared(
          texts.map(number),
          samples.map(({ answer }) => number(answer)),
        ),
        ties: 0,
        cut,
      };
    }
    case "rouge-1": {
      const { texts, cut } = generated(tokenizer, model, samples, scoring.most);
      const right = samples.map(({ answer }) => answer);
      return { answers: texts, right, scores: texts.map((text, i) => rouge1(text, right[i] ?? "")), ties: 0, cut };
    }
  }
}

function generated(
  tokenizer: Tokenizer,
  model: LanguageModel,
  samples: readonly TaskSample[],
  most: number,
): ReturnType<typeof generate> {
  return generate(tokenizer, model, { prompts: samples.map(({ prompt }) => prompt), most });
}

function compared(
  answers: readonly string[],
  right: readonly string[],
): Pick<Answered, "answers" | "right" | "scores"> {
  return { answers, right, scores: answers.map((answer, i) => (answer === right[i] ? 1 : 0)) };
}
