/** The error of work that the user has stopped and that a later run continues. */
export class Interrupted extends Error {
  constructor() {
    super("interrupted: run again to continue where it stopped");
    this.name = "Interrupted";
  }
}
