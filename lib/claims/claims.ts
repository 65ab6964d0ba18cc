import { adapterClaims } from "./adapter-claims";
import { changeClaims } from "./change-claims";
import type { Claim } from "./claim";
import { languageClaims } from "./language-claims";
import { mapClaims } from "./map-claims";
import { updateClaims } from "./update-claims";

/**
 * Every claim of this replication. They were declared when one run of each quick table existed, and
 * three of the main table, before those with more seeds; whoever changes a claim after its run
 * tests something else, and says so in results/README.md.
 */
export const claims: readonly Claim[] = [
  ...updateClaims,
  ...changeClaims,
  ...mapClaims,
  ...adapterClaims,
  ...languageClaims,
];
