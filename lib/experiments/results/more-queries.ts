import { join } from "node:path";
import { type Request, request, type Step } from "../../core/artifacts/step";
import type { Artifact } from "../../core/artifacts/store";
import { InputError } from "../../core/input-error";
import { committedFolder } from "../../core/paths";
import { readQueries } from "./query-results";
import type { QueriesRecord } from "./result";

/** A committed result whose queries are kept. */
interface Kept {
  readonly table: string;
  readonly scale: string;
  readonly queries?: QueriesRecord;
}

interface More<V> {
  readonly kept: Required<Kept>;
  readonly more: V;
}

/**
 * Makes, of a step that collects the results of every query, one that adds what it collects to
 * those of a committed result, by `joined`. The checksum of the kept file is in the key. Throws
 * InputError, also when it runs, if the queries of the result are not kept, or not as it names
 * them.
 */
export function moreQueries<V>(
  collect: Step<V>,
  joined: (kept: Artifact, more: Artifact) => Artifact,
): (kept: Kept, more: V) => Request {
  const step: Step<More<V>> = {
    kind: collect.kind,
    version: 1,
    inputs: ({ more }) => [request(collect, more)],
    label: ({ kept, more }) => `${collect.label(more)}, and those of the committed result of table ${kept.table}`,
    cost: () => 0,
    run: async ({ kept }, [more]) => joined(keptQueries(kept), more as Artifact),
  };
  return ({ table, scale, queries }, more) => {
    if (queries === undefined) throw notKept({ table, scale });
    return request(step, { kept: { table, scale, queries }, more });
  };
}

function keptQueries(kept: Kept): Artifact {
  const found = readQueries(kept, join(committedFolder(), kept.scale));
  if (found === null) throw notKept(kept);
  return found;
}

function notKept({ table, scale }: Kept): InputError {
  const file = join(committedFolder(), scale, `${table}.json`);
  const fault = "names no file with the results of every query";
  return new InputError({ file, fault, remedy: "run all seeds, without --extend" });
}
