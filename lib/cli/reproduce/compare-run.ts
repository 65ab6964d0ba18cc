import { join } from "node:path";
import { InputError } from "../../core/input-error";
import { committedFolder, runsFolder } from "../../core/paths";
import { type AnyTable, declaredId, storedResult } from "../../experiments/language/kinds/any-table";
import type { AnyResult } from "../../experiments/language/language-result";
import { compared } from "../../report/terminal/comparison";
import { comparisonText, verdictOf } from "../../report/terminal/comparison-text";
import { tables } from "../../tables/tables";

/** One's own run of a table beside the committed result. */
export interface RunComparison {
  /** Whether the table was reproduced; null if it cannot be judged. */
  readonly reproduced: boolean | null;
  /** Both, row by row, and the verdict, in a terminal of `width` columns. */
  readonly text: (width: number) => string;
  /** The verdict in a sentence. */
  readonly verdict: string;
}

/** The result of one's own run. Throws InputError, with what to do, if there is none of today's. */
export function ownRun(table: AnyTable, scale: string): AnyResult {
  const file = join(runsFolder(), scale, `${table.id}.json`);
  const again = `npm run reproduce -- --table ${table.id}${scale === "quick" ? "" : ` --scale ${scale}`}`;
  const remedy = declaredId(table) === table.id ? again : "run the same command again";
  const stored = storedResult(table, scale, runsFolder());
  if (stored === null) throw new InputError({ file, fault: "there is no complete run", remedy });
  if (!stored.current) throw new InputError({ file, fault: "is a run of an earlier declaration", remedy });
  return stored.result;
}

/** Compares a run of a table with the committed result. */
export function compareRun(table: AnyTable, run: AnyResult): RunComparison {
  const committed = storedResult(table, run.scale, committedFolder());
  if (committed === null) return notCompared(`there is no committed result of table ${table.id} at scale ${run.scale}`);
  if (!committed.current) return notCompared(`the committed result is of an earlier declaration of table ${table.id}`);
  const comparison = compared(run, committed.result, withSeveralSeeds(run.scale));
  const seeds = { run: run.seeds, committed: committed.result.seeds };
  return {
    reproduced: comparison.reproduced,
    text: (width) => comparisonText(comparison, seeds, width),
    verdict: verdictOf(comparison, seeds),
  };
}

function notCompared(why: string): RunComparison {
  const verdict = `Not compared: ${why}.`;
  return { reproduced: null, text: () => verdict, verdict };
}

/** Committed results of several seeds, at this scale or, without any, at others. */
function withSeveralSeeds(scale: string): readonly AnyResult[] {
  const all = tables.flatMap((table) =>
    Object.keys(table.scales).flatMap((each) => soundResult(table, each)?.result ?? []),
  );
  const several = all.filter(({ seeds }) => seeds.length > 1);
  const here = several.filter((result) => result.scale === scale);
  return here.length > 0 ? here : several;
}

/** Null if there is none, or if it is damaged, which its own table's comparison says. */
function soundResult(table: AnyTable, scale: string): ReturnType<typeof storedResult> {
  try {
    return storedResult(table, scale, committedFolder());
  } catch {
    return null;
  }
}
