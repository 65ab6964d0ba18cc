import { type Command, Option } from "commander";
import { ownPlace, progressLine } from "../../core/progress";
import { command, fullPath, shownPath } from "../options/command";
import { bytesOfSize } from "../options/numbers";
import { makeBundle } from "./make-bundle";

const help = `
The folder holds parts of equal size, SHA256SUMS, and unpack.sh, which needs a POSIX shell, tar, gzip and sha256sum:

  sh unpack.sh FOLDER [FOLDER WITH CUDA LIBRARIES...]

It verifies the parts, unpacks them, looks for the machine's CUDA libraries (CUDA 12, or 13 whose cuBLAS has the same
functions), writes FOLDER/env.sh, and runs "fct doctor --step". Then FOLDER/bin/fct is this command, without a network:

  FOLDER/bin/fct reproduce --table main --numbers

Bundles of equal content have equal bytes. The other machine needs Linux on x86-64 and a C library (glibc) that is not
older than unpack.sh says; for a GPU also NVIDIA's driver, cuBLAS, cuDNN 9 and what comes with them.

Examples:
  npm run fct -- bundle --out /media/stick/fct
  npm run fct -- bundle --out fct-gpu --cuda --part-size 64MiB --data tiny-imagenet,cifar-100`;

/** `fct bundle`: all that a machine without a network needs to run this project, in one folder. */
export function bundleCommand(): Command {
  return command("bundle")
    .description("pack Node, the library, its packages, TensorFlow and data for a machine without a network")
    .requiredOption("--out <folder>", "an empty or a new folder", fullPath)
    .option("--cuda", "TensorFlow's CUDA build, which is downloaded once if it is not installed")
    .addOption(
      new Option("--part-size <size>", "the size of a part, such as 2GiB")
        .argParser(bytesOfSize)
        .default(bytesOfSize("64MiB"), "64MiB"),
    )
    .option("--data <names>", "fetched datasets to take along, divided by commas (committed ones always are)", names)
    .option("--cache", "take the cache of trained models along")
    .addHelpText("after", help)
    .action(bundle);
}

function names(text: string): readonly string[] {
  return text.split(",").filter((name) => name !== "");
}

interface BundleWords {
  readonly out: string;
  readonly cuda?: boolean;
  readonly partSize: number;
  readonly data?: readonly string[];
  readonly cache?: boolean;
}

async function bundle({ out, data = [], cuda = false, cache = false, partSize }: BundleWords): Promise<void> {
  const made = await makeBundle({ out, partSize, data, cuda, cache }, progressLine(ownPlace()));
  const mebibytes = (bytes: number): string => `${Math.ceil(bytes / 2 ** 20)} MiB`;
  const { description, parts, bytes, unpackedBytes } = made;
  const { build, tensorflow, glibc } = description;
  console.log(`${shownPath(out)}: ${parts} parts, ${mebibytes(bytes)}; unpacked ${mebibytes(unpackedBytes)}`);
  console.log(`TensorFlow ${tensorflow} (${build}), for Linux on x86-64 with glibc ${glibc} or later`);
  console.log(`there: sh unpack.sh FOLDER`);
}
