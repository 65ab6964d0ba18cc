/** Trainings of one kind, with what all their names share in the heading. */
export interface LossGroup {
  readonly heading: string;
  readonly models: readonly { readonly label: string; readonly name: string }[];
}

/** A transformation's name in parts: "h (variant), side: from to target (number)". */
interface Transformation {
  readonly label: string;
  readonly variant: string;
  readonly side: string;
  readonly from: string;
  readonly target: string;
  readonly number: string;
}

const transformationName = /^h(?: \(([^)]*)\))?, (.*?)(?:: (.*) to (.*?))?(?: \((\d+)\))?$/;
const sideName = /^(SimCLR|autoencoder|supervised contrastive)\b/;

/** Trainings by kind, in the order of first mention, with names that leave out what all share. */
export function lossGroups(labels: readonly string[]): readonly LossGroup[] {
  const transformations = labels.filter((label) => transformationName.test(label));
  const sides = labels.filter((label) => sideName.test(label));
  const others = labels.filter((label) => !transformations.includes(label) && !sides.includes(label));
  const groups = [
    namedGroup("Backbones", others),
    namedGroup("Side-information", sides),
    transformationGroup(transformations.map(partsOf)),
  ];
  return groups.filter(({ models }) => models.length > 0);
}

/** Trainings whose names leave out what most of them were trained on, which the heading says. */
function namedGroup(kind: string, labels: readonly string[]): LossGroup {
  const data = labels.length > 2 ? mostCommon(labels.map(dataOf)) : "";
  return {
    heading: data === "" ? kind : `${kind}, unless said otherwise${data}`,
    models: labels.map((label) => ({ label, name: withoutData(label, data) })),
  };
}

/** What a name says of the data, such as " on all classes". */
function dataOf(name: string): string {
  return /,? on (?!.* on ).*?(?= \([^)]*\)|$)/.exec(name)?.[0].replace(/^,/, "") ?? "";
}

function withoutData(name: string, data: string): string {
  return data === "" ? name : name.replace(`,${data}`, "").replace(data, "");
}

function partsOf(label: string): Transformation {
  const [, variant = "", side = "", from = "", target = "", number = ""] = transformationName.exec(label) ?? [];
  return { label, variant, side, from, target, number };
}

/** What most transformations share is said once, in the heading. */
function transformationGroup(parts: readonly Transformation[]): LossGroup {
  const shared = {
    side: mostCommon(parts.map(({ side }) => side)),
    from: mostCommon(named(parts.map(({ from }) => from))),
    target: mostCommon(named(parts.map(({ target }) => target))),
    data: mostCommon(parts.map(({ target }) => dataOf(target))),
  };
  const several = parts.length > 1;
  const all = several && parts.every(({ from }) => from !== "");
  const said = [
    several && shared.side !== "" ? shared.side : "",
    all && shared.from !== "" ? `from ${shared.from}` : "",
    all && shared.target !== "" ? `to ${shared.target}` : "",
    all && shared.target === "" && shared.data !== "" ? `to models${shared.data}` : "",
  ].filter((text) => text !== "");
  const heading = ["Transformations h", ...(said.length === 0 ? [] : [`unless said otherwise, ${said.join(", ")}`])];
  return {
    heading: heading.join(": "),
    models: parts.map((part) => ({ label: part.label, name: several ? shortName(part, shared) : part.label })),
  };
}

type Shared = Pick<Transformation, "side" | "from" | "target"> & { readonly data: string };

function shortName({ variant, side, from, target, number }: Transformation, shared: Shared): string {
  const own = [
    variant === "" ? "h" : `h (${variant})`,
    side === shared.side ? "" : side,
    from === shared.from || from === "" ? "" : `from ${from}`,
  ].filter((text) => text !== "");
  const name = own.join(", ");
  const aim = target === shared.target || target === "" ? "" : ` → ${withoutData(target, shared.data)}`;
  return `${name}${aim}${number === "" ? "" : ` (${number})`}`;
}

/** Names that are given: a transformation is named in full only where that tells it from others. */
function named(values: readonly string[]): readonly string[] {
  return values.filter((value) => value !== "");
}

/** The value that more than half have; "" if there is none. */
function mostCommon(values: readonly string[]): string {
  return values.find((value) => values.filter((other) => other === value).length > values.length / 2) ?? "";
}
