import type { Claim } from "../../claims/claim";
import type { Evidence } from "../../claims/evidence";
import type { Verdict } from "../../claims/verdict";
import { markdownTable } from "../text/markdown-table";
import { commitsText } from "../text/result-lines";
import { notApplicable } from "../text/text";
import { contrastText, estimateText, outcomeText, shortOutcome } from "./verdict-text";

/** The number of a table's notebook, such as "01", and a link to it. */
export interface NotebookLinks {
  readonly numberOf: (table: string) => string;
  readonly linkOf: (table: string) => string;
}

/** The claims of publications on retrieval, each with its short verdict at every scale. */
export function claimsSummary(verdicts: readonly Verdict[], { numberOf }: Pick<NotebookLinks, "numberOf">): string {
  const theirs = verdicts.filter(({ claim: { source } }) => source.kind !== "ours" && source.kind !== "paper");
  const claims = distinctClaims(theirs);
  const scales = [...new Set(theirs.map(({ scale }) => scale))];
  const at =
    (scale: string) =>
    (claim: Claim): string => {
      const found = theirs.find((each) => each.claim === claim && each.scale === scale);
      return found === undefined ? notApplicable : shortOutcome(found.outcome);
    };
  return markdownTable(
    [
      { name: "claim", cells: claims.map(({ text }) => text) },
      { name: "source", cells: claims.map(({ source }) => source.kind) },
      { name: "notebook", cells: claims.map(({ table }) => numberOf(table)) },
      ...scales.map((scale) => ({ name: scale, cells: claims.map(at(scale)) })),
    ],
    ["claim", "source", "notebook", ...scales],
  );
}

function distinctClaims(verdicts: readonly Verdict[]): readonly Claim[] {
  return [...new Set(verdicts.map(({ claim }) => claim))];
}

interface PageRow {
  readonly verdict: Verdict;
  readonly evidence: Evidence | null;
  /** Whether it is the first of its claim, and of its claim at this scale. */
  readonly first: boolean;
  readonly firstAtScale: boolean;
}

/** Every claim with all that its verdicts rest on: a row for each contrast at each scale. */
export function claimsPage(verdicts: readonly Verdict[], { linkOf }: Pick<NotebookLinks, "linkOf">): string {
  const rows = verdicts.flatMap((verdict, index): PageRow[] => {
    const isFirst = verdicts[index - 1]?.claim !== verdict.claim;
    const evidence: readonly (Evidence | null)[] = verdict.evidence.length === 0 ? [null] : verdict.evidence;
    return evidence.map((each, place) => {
      return { verdict, evidence: each, first: isFirst && place === 0, firstAtScale: place === 0 };
    });
  });
  const column = (name: string, cell: (row: PageRow) => string) => ({ name, cells: rows.map(cell) });
  const once = (of: (verdict: Verdict) => string) => (row: PageRow) => (row.first ? of(row.verdict) : "");
  const atScale = (of: (verdict: Verdict) => string) => (row: PageRow) => (row.firstAtScale ? of(row.verdict) : "");
  const names = ["claim", "source", "notebook", "scale", "verdict", "contrast", "commit"];
  return markdownTable(
    [
      column(
        "claim",
        once(({ claim }) => claim.text),
      ),
      column(
        "source",
        once(({ claim }) => `${claim.source.kind}; ${claim.source.ref}`),
      ),
      column(
        "notebook",
        once(({ claim }) => linkOf(claim.table)),
      ),
      column(
        "scale",
        atScale(({ scale, data }) => (data === null ? scale : `${scale}: ${data.result.dataset}`)),
      ),
      column(
        "seeds",
        atScale(({ data }) => (data === null ? notApplicable : String(data.result.seeds.length))),
      ),
      column(
        "verdict",
        atScale(({ outcome }) => `**${outcomeText(outcome)}**`),
      ),
      column("contrast", ({ evidence, verdict }) =>
        evidence === null ? notApplicable : contrastText(evidence.contrast, verdict.claim.margin),
      ),
      column("mAP or value", ({ evidence }) => valueText(evidence, "primary")),
      column("top-1", ({ evidence }) => valueText(evidence, "secondary")),
      column(
        "commit",
        atScale(({ data }) => (data === null ? null : commitsText(data.result.run)) ?? notApplicable),
      ),
    ],
    names,
  );
}

function valueText(evidence: Evidence | null, which: "primary" | "secondary"): string {
  if (evidence === null) return notApplicable;
  const estimated = evidence[which];
  if (estimated !== null) return estimateText(estimated, evidence.contrast);
  return evidence.testable ? notApplicable : "no gap";
}
