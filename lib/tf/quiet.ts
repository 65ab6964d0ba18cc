import { writeSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "../core/paths";

const ADDON = "node_modules/@tensorflow/tfjs-node-gpu/lib/napi-v8/load_library.node";
const LIBRARY = "libtensorflow_cc.so.2";
const SEVERITIES = "IWEF";

/**
 * What is left of text that TensorFlow wrote to standard error while its library was loaded: the
 * lines of at least severity `level` (0 to 3). TensorFlow applies the level to later lines only.
 */
function chosenLines(text: string, level: number): string {
  const lines = text.split(/(?<=\n)/).filter((line) => {
    if (level > 0 && line.startsWith("WARNING: All log messages before absl::InitializeLog")) return false;
    const severity = /^([IWEF])\d{4} [\d:. ]+\S+:\d+\] /.exec(line)?.[1];
    return severity === undefined || SEVERITIES.indexOf(severity) >= level;
  });
  return lines.join("");
}

/**
 * Loads TensorFlow's library, so that the binding finds it loaded. Of what it says then and later,
 * TF_CPP_MIN_LOG_LEVEL chooses: 0 prints everything, 1 warnings and errors, 2 errors only, which is
 * the default. On a GPU, memory is taken as it is needed, so that several processes share one,
 * unless TF_FORCE_GPU_ALLOW_GROWTH says otherwise; it is read when the library is loaded.
 */
export function loadQuietly(): void {
  process.env.TF_CPP_MIN_LOG_LEVEL ??= "2";
  process.env.TF_FORCE_GPU_ALLOW_GROWTH ??= "true";
  const addon: { exports: { loadLibrary?: (name: string) => string } } = { exports: {} };
  try {
    process.dlopen(addon, join(projectRoot(), ADDON));
    const text = addon.exports.loadLibrary?.(LIBRARY) ?? "";
    const shown = chosenLines(text, Number(process.env.TF_CPP_MIN_LOG_LEVEL));
    if (shown !== "") writeSync(process.stderr.fd, shown);
  } catch {
    // The binding is about to load the same library, and says better what is wrong with it.
  }
}
