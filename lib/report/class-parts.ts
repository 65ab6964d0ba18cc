/** The parts of a class name "group/kind": "red/star" is a star among the red ones. A name without a stroke is its own kind. */
export function classParts(name: string): { readonly group: string; readonly kind: string } {
  const stroke = name.indexOf("/");
  return { group: name.slice(0, Math.max(0, stroke)), kind: name.slice(stroke + 1) };
}

/** A class name "group/kind" as a reader sees it: "group kind", underlines as spaces so that it can be broken. */
export function classLabel(name: string): string {
  const { group, kind } = classParts(name);
  return `${group} ${kind}`.replaceAll("_", " ").trim();
}
