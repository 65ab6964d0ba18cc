import { type Random, random } from "../../core/random";
import type { TaskSample } from "./task-sample";

const names = ["Ann", "Ben", "Cara", "Dan", "Eve", "Finn", "Grace", "Hugo"];
const things = ["apples", "books", "cards", "coins", "eggs", "pens", "shells", "stamps"];
const more = ["buys # more", "finds # more", "gets # from a friend"];
const fewer = ["gives away #", "loses #", "sells #"];
const inWords =
  "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty".split(
    " ",
  );
const largest = 20;

/**
 * `count` stories of two or three sums or differences of numbers up to 20, in words or in digits,
 * with all steps and the result written as in GSM8K: "3 + 4 = 7 , 7 - 2 = 5 #### 5". No two are the
 * same, and the first ones of a larger count are those of a smaller.
 */
export function arithmeticSamples(count: number): readonly TaskSample[] {
  const stream = random("arithmetic");
  const samples = new Map<string, TaskSample>();
  while (samples.size < count) {
    const sample = drawn(stream);
    samples.set(sample.prompt, sample);
  }
  return [...samples.values()];
}

function drawn({ integer }: Random): TaskSample {
  const oneOf = (words: readonly string[]): string => words[integer(words.length)] ?? "";
  const written = (value: number): string => (integer(2) === 0 ? `${value}` : (inWords[value] ?? ""));
  let amount = 1 + integer(largest);
  const clauses = [`${oneOf(names)} has ${written(amount)} ${oneOf(things)}`];
  const steps: string[] = [];
  const length = 2 + integer(2);
  for (let step = 0; step < length; step++) {
    // Something must be there to be given away.
    const grows = amount < 2 || integer(2) === 0;
    const change = 1 + integer(grows ? largest : Math.min(largest, amount - 1));
    const next = grows ? amount + change : amount - change;
    clauses.push(oneOf(grows ? more : fewer).replace("#", written(change)));
    steps.push(`${amount} ${grows ? "+" : "-"} ${change} = ${next}`);
    amount = next;
  }
  const story = `${clauses.slice(0, -1).join(" , ")} and ${clauses.at(-1)} .`;
  return { prompt: `${story} How many now ?`, answer: ` ${steps.join(" , ")} #### ${amount}` };
}
