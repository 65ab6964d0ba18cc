import { existsSync, readdirSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { z } from "zod";
import { readRecord, writeRecord } from "../../core/artifacts/record";
import { InputError } from "../../core/input-error";
import { changedInputs, type Identity, identitySchema } from "../../files/unfinished-output";

/** Beside an output in a folder of them: which h and which inputs made it. */
const originSchema = z.strictObject({ identity: identitySchema });

/** Readers of the folder leave out hidden files. */
function originPath(out: string): string {
  return join(dirname(out), `.${basename(out)}.json`);
}

export function writeOrigin(out: string, identity: Identity): void {
  writeRecord(originPath(out), { identity });
}

/** Throws InputError unless the same h and inputs made `out`, as the record beside it says. */
export function requireOrigin(out: string, identity: Identity): void {
  const origin = readRecord(originPath(out), originSchema);
  if (origin === null) throw otherwiseMade(out, "it is there, and no record beside it says which inputs made it");
  const changes = changedInputs(origin.identity, identity);
  if (changes !== null) throw otherwiseMade(out, `other inputs made it: ${changes}`);
}

/** Throws InputError if another h made an output in `folder`, of whichever inputs. */
export function requireOneMapping(folder: string, own: Identity): void {
  for (const name of readdirSync(folder)) {
    const out = join(folder, /^\.(.+)\.json$/.exec(name)?.[1] ?? "");
    const origin = out === folder || !existsSync(out) ? null : readRecord(join(folder, name), originSchema);
    if (origin === null) continue;
    const { "--old": _old, "--side": _side, ...other } = origin.identity;
    const changes = changedInputs(other, own);
    if (changes !== null) throw otherwiseMade(out, `another h made it: ${changes}`);
  }
}

/** The error of an output that is there and must not be kept. */
export function otherwiseMade(out: string, fault: string): InputError {
  return new InputError({ file: out, fault, remedy: "map all again by --force, or name another folder" });
}
