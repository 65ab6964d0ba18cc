import { InputError } from "../../core/input-error";
import { readAnyLabels } from "../../files/labels";

/**
 * The ids or labels that `place` names, as texts: whole numbers or texts, one for each of `rows`
 * items of `of`. Throws InputError if there are others, or more or fewer.
 */
export async function itemTexts(
  place: string,
  { rows, of }: { readonly rows: number; readonly of: string },
): Promise<readonly string[]> {
  const found = await readAnyLabels(place, ({ name, count, note }) => {
    if (count !== rows) throw new InputError({ file: name, fault: `has ${count} values${note}, ${of} ${rows} rows` });
  });
  switch (found.kind) {
    case "numbers":
      return Array.from(found.values, String);
    case "texts":
      return found.values;
    case "sets":
      throw new InputError({ file: place, fault: "holds several values an item: one is allowed" });
  }
}
