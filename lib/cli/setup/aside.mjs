import { existsSync, renameSync, rmSync } from "node:fs";
import { SetupError } from "./prerequisites.mjs";

/**
 * Makes a folder anew in its place. The one before stays aside until the new one is whole, and
 * comes back if the work fails, for instance without network, or was killed.
 */
export async function replaceFolder(folder, work) {
  const before = `${folder}.before`;
  remove(goneOf(folder));
  restore(before, folder);
  if (existsSync(folder)) putAside(folder, before);
  try {
    await work();
  } catch (error) {
    if (!restore(before, folder)) throw error;
    throw new SetupError(`${error.message}\n${folder} is kept as it was`);
  }
  dropBefore(folder);
}

/** Removes what stood before a folder that is whole, if a set-up that was killed has left it. */
export function dropBefore(folder) {
  const before = `${folder}.before`;
  // First by name, in one moment: what a kill leaves of it must not come back.
  if (existsSync(before)) renameSync(before, goneOf(folder));
  remove(goneOf(folder));
}

function goneOf(folder) {
  return `${folder}.before.gone`;
}

/** Whether there was a folder to bring back. */
function restore(before, folder) {
  if (!existsSync(before)) return false;
  remove(folder);
  renameSync(before, folder);
  return true;
}

function putAside(folder, before) {
  try {
    renameSync(folder, before);
  } catch (error) {
    // A folder that belongs to a layer of a container image cannot be moved.
    if (error.code !== "EXDEV") throw error;
    remove(folder);
  }
}

function remove(path) {
  rmSync(path, { recursive: true, force: true });
}
