import { unexpected } from "../core/check";
import type { BackboneRecipe } from "../training/backbone";
import { lossKind } from "../training/backbone-loss";
import { requireOwnLoss } from "../training/own-loss";
import { needsClassifier, predictsUncertainty } from "../training/transformation-loss";
import { describe } from "./model/describe";
import { type Chain, datasetOf, dimensionsOf, type Model, modelsIn } from "./model/model";
import { asksClassifier } from "./steps/backfill";
import type { Row } from "./table";

/**
 * `rows`, if each can be trained and evaluated as far as its declaration tells. Otherwise throws,
 * before anything is trained, an error that names the row, what disagrees, and what to change.
 */
export function checkedRows(rows: readonly Row[]): readonly Row[] {
  const again = rows.find(({ id }, index) => rows.findIndex((row) => row.id === id) !== index);
  if (again !== undefined) throw unexpected("row ids", "a different one for each row", `${again.id} twice`);
  for (const row of rows) checkRow(row);
  return rows;
}

function checkRow(row: Row): void {
  const faults = [
    sizeFault(row),
    orderFault(row),
    headFault(row),
    ...[row.query, row.gallery].flatMap((model) =>
      modelsIn(model).flatMap((each) => [imageFault(each, row), classifierFault(each), ownLossFault(each)]),
    ),
  ];
  const fault = faults.find((each) => each !== null);
  if (fault !== undefined) throw new RangeError(`row "${row.label}": ${fault}`);
}

/** What is wrong, and what to change; null if nothing is. */
type Fault = string | null;

function sizeFault({ query, gallery, backfill }: Row): Fault {
  const [queries, stored] = [dimensionsOf(query), dimensionsOf(gallery)];
  if (queries !== stored) {
    const remedy = "give both the same embedding, or let an upgrade map the gallery to the query's model";
    const sizes = `${queries} dimensions (${describe(query)}), the gallery ${stored} (${describe(gallery)})`;
    return `the query has ${sizes}; ${remedy}`;
  }
  if (backfill === undefined || dimensionsOf(backfill.next) === stored) return null;
  return `the gallery has ${stored} dimensions, the model that replaces it ${dimensionsOf(backfill.next)}: they must agree`;
}

function orderFault({ gallery, backfill }: Row): Fault {
  if (backfill !== undefined && asksClassifier(backfill)) {
    const { next } = backfill;
    if (next.kind !== "side-information" && next.kind !== "aligned" && hasClassifier(next.recipe)) return null;
    return `the order by ${backfill.order} asks the classifier of ${describe(next)}, which has none; use another order`;
  }
  if (backfill?.order !== "uncertainty") return null;
  const last = gallery.kind === "chain" ? gallery.then : gallery;
  if (last.kind === "upgrade" && predictsUncertainty(last.recipe)) return null;
  return `the order by uncertainty needs a gallery mapped by FastFill's h, got ${describe(gallery)}; give its upgrade the loss fastfill`;
}

function headFault({ gallery, backfill }: Row): Fault {
  if (backfill?.head === undefined) return null;
  if (backfill.order !== "uncertainty")
    return `the order by ${backfill.order} asks no head; use the order by uncertainty`;
  if (gallery.kind !== "upgrade") return `a held-out head is fitted for one upgrade, got ${describe(gallery)}`;
  const learned = modelsIn(gallery).find((model) => datasetOf(model).validation === undefined);
  if (learned === undefined) return null;
  return `a held-out head needs images that no model has learned, and ${describe(learned)} learns all; give its dataset a validation split`;
}

function hasClassifier(recipe: BackboneRecipe): boolean {
  return lossKind(recipe).logits !== null && recipe.imported?.classes !== null;
}

function imageFault(model: Exclude<Model, Chain>, row: Row): Fault {
  if (model.kind === "upgrade" || model.kind === "adapted") return null;
  const { dataset, architecture } = model.recipe;
  const images = `${dataset.name} at ${dataset.side} x ${dataset.side} pixels`;
  const other = `${row.dataset.name} at ${row.dataset.side} x ${row.dataset.side} pixels`;
  if (dataset.side !== row.dataset.side) {
    return `${describe(model)} is trained on ${images}, but the row is evaluated on ${other}; use one size of images`;
  }
  if (!("side" in architecture) || architecture.side === dataset.side) return null;
  return `the network of ${describe(model)} takes images of side ${architecture.side}, its dataset is ${images}; change the architecture's side`;
}

function classifierFault(model: Exclude<Model, Chain>): Fault {
  if (model.kind === "compatible" && lossKind(model.old.recipe).logits === null) {
    return `BCT needs the old model's classifier, and ${describe(model.old)} trains none; use another loss for the old model`;
  }
  const taught = model.kind === "compatible" || model.kind === "distilled" ? model.old.recipe.imported : undefined;
  if (taught?.classes === null)
    return `${describe(model)} needs the old model's classifier, which ${taught.path} lacks`;
  if (model.kind !== "upgrade" || !needsClassifier(model.recipe)) return null;
  const { imported } = model.target.recipe;
  if (imported?.classes === null) {
    return `the loss of ${describe(model)} needs the target's classifier, which ${imported.path} lacks; use cosine or squaredError`;
  }
  if (lossKind(model.target.recipe).logits !== null) return null;
  return `the loss of ${describe(model)} needs the target's classifier, and ${describe(model.target)} trains none; use cosine or squaredError`;
}

function ownLossFault(model: Exclude<Model, Chain>): Fault {
  if (model.kind === "upgrade" || model.kind === "adapted" || model.kind === "side-information") return null;
  const { loss } = model.recipe;
  if (loss?.kind !== "own") return null;
  try {
    requireOwnLoss(loss);
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}
