import { type CacheOptions, cached } from "../core/step";
import { describe } from "./describe";
import { modelsIn } from "./model";
import type { History } from "./result";
import type { Turn } from "./table-work";
import { trained } from "./training-steps";

/** The losses of every model behind a table, each once a seed, under names that tell them apart. */
export async function lossHistories(turns: readonly Turn[], options: CacheOptions): Promise<readonly History[]> {
  const histories: History[] = [];
  for (const { seed, rows } of turns) {
    const models = modelsOf(rows);
    const labels = distinctLabels(models);
    for (const [index, model] of models.entries()) {
      const { facts } = await cached(trained(model), options);
      histories.push({ label: labels[index] ?? "", seed, loss: facts.losses as readonly number[] });
    }
  }
  return histories;
}

type Trained = ReturnType<typeof modelsIn>[number];

function modelsOf(rows: Turn["rows"]): readonly Trained[] {
  const models = rows.flatMap(({ row: { query, gallery } }) => [...modelsIn(query), ...modelsIn(gallery)]);
  return [...new Map(models.map((model) => [trained(model).key, model])).values()];
}

/** Short names; where two models share one, an h says between which models it maps, and what is still equal is numbered. */
function distinctLabels(models: readonly Trained[]): readonly string[] {
  const short = models.map(describe);
  const longer = models.map((model, index) => {
    const name = short[index] ?? "";
    const shared = short.filter((other) => other === name).length > 1;
    return shared && model.kind === "upgrade" ? `${name}: ${describe(model.old)} to ${describe(model.target)}` : name;
  });
  return longer.map((name, index) => {
    const before = longer.slice(0, index).filter((other) => other === name).length;
    return before === 0 ? name : `${name} (${before + 1})`;
  });
}
