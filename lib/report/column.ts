/** A column of a printed table, one cell a row. */
export interface Column {
  readonly name: string;
  readonly cells: readonly string[];
}
