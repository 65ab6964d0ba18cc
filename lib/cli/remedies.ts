/** What to do if the operating system refuses something, by the code of its error. */
const remedies: Readonly<Record<string, string>> = {
  ENOSPC: "the disk is full: free some space (results/cache may be deleted), or name another folder in FCT_CACHE",
  EDQUOT: "your share of the disk is used up: free some space, or name another folder in FCT_CACHE",
  EMFILE: "too few files may be open at once: ulimit -n 1024, then run it again",
  EACCES: "name folders of your own in FCT_CACHE, FCT_RESULTS and FCT_DATA, or ask the owner for the right",
  EPERM: "name folders of your own in FCT_CACHE, FCT_RESULTS and FCT_DATA, or ask the owner for the right",
  EROFS: "the disk is read-only: name other folders in FCT_CACHE, FCT_RESULTS and FCT_DATA",
};

/** The remedy of an error of the operating system, as the end of a line; empty for other errors. */
export function remedyOf(error: Error): string {
  const { code } = error as NodeJS.ErrnoException;
  const remedy = code === undefined ? undefined : remedies[code];
  return remedy === undefined ? "" : `; ${remedy}`;
}
