import { inflateRawSync } from "node:zlib";
import { admission, refuseEntry } from "./archive-entries";
import { entryWriter } from "./entry-writer";
import type { Unpacking } from "./unpack-tar";
import { type ZipMember, zipDirectory } from "./zip-directory";

/** Unpacks a zip archive. Throws, naming archive and entry, on all but files and folders within it and within the limits. */
export async function unpackZip(archive: string, bytes: Buffer, into: Unpacking): Promise<void> {
  const admit = admission(archive, into.limits);
  const admitted = zipDirectory(archive, bytes).map((member) => {
    if (member.kind === "other")
      refuseEntry(archive, member.path, "is a link or a device: files and folders are allowed");
    return { member, path: admit(member.path, member.size) };
  });
  const writer = entryWriter(archive, into.folder, into.topFolder);
  for (const { member, path } of admitted) {
    if (member.kind === "folder") await writer.folder(path);
    else await writer.file(path, [inflated(archive, member)]);
  }
}

function inflated(archive: string, { path, size, content, deflated }: ZipMember): Buffer {
  const inflate = (): Buffer => {
    try {
      return inflateRawSync(content, { maxOutputLength: Math.max(1, size) });
    } catch (cause) {
      return refuseEntry(archive, path, `does not unpack to its ${size} bytes: ${(cause as Error).message}`);
    }
  };
  const whole = deflated ? inflate() : content;
  if (whole.length !== size) refuseEntry(archive, path, `has ${whole.length} bytes instead of ${size}`);
  return whole;
}
