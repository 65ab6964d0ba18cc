import { backfillCurve } from "../../lib/retrieval/backfill";
import { evaluateRetrieval } from "../../lib/retrieval/evaluate";
import { nearestItems, topK } from "../../lib/retrieval/top-k";

// Searches in which row i is the same item on both sides, unless the input says otherwise.

export const evaluateItems: typeof evaluateRetrieval = (input, options) =>
  evaluateRetrieval({ excludeSelf: true, ...input }, options);
export const curveOfItems: typeof backfillCurve = (input, options) =>
  backfillCurve({ excludeSelf: true, ...input }, options);
export const nearestOfItems: typeof nearestItems = (input) => nearestItems({ excludeSelf: true, ...input });
export const topKOfItems: typeof topK = (input, options) => topK({ excludeSelf: true, ...input }, options);
