/** What is wrong with a file that was given: where, what stands there, and what to do about it. */
interface InputFault {
  /** The file's path, or the name of what was given in its stead. */
  readonly file: string;
  /** What is wrong, with the value that was found and what was expected. */
  readonly fault: string;
  /** Where in the file: an array's name, a line, an entry, a byte. */
  readonly place?: string;
  /** What the user can do; absent if the fault says it. */
  readonly remedy?: string;
  readonly cause?: unknown;
}

/** A file that cannot be used as it is. One line: file, place, fault, remedy. */
export class InputError extends Error {
  readonly file: string;
  readonly fault: string;
  readonly place: string | null;
  readonly remedy: string | null;

  constructor({ file, fault, place, remedy, cause }: InputFault) {
    const where = place === undefined ? file : `${file}, ${place}`;
    super(oneLine(`${where}: ${fault}${remedy === undefined ? "" : `; ${remedy}`}`), { cause });
    this.name = "InputError";
    this.file = file;
    this.fault = fault;
    this.place = place ?? null;
    this.remedy = remedy ?? null;
  }
}

const longestMessage = 2000;

/** Control characters of a file's content must not reach a terminal. */
function oneLine(text: string): string {
  const shown = text.replace(/[\p{Cc}\u2028\u2029]+/gu, " ");
  return shown.length > longestMessage ? `${shown.slice(0, longestMessage)}...` : shown;
}
