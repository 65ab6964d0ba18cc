import type { Matrix } from "../core/matrix";
import { directions } from "./directions";
import type { Distance } from "./retrieval-input";

/** Rows whose L2 distances are in the order of `distance`; `name` says whose row cannot be measured. */
export function distanceSpace(rows: Matrix, distance: Distance, name: string): Matrix {
  switch (distance) {
    case "l2":
      return rows;
    case "cosine":
      return directions(rows, name);
  }
}
