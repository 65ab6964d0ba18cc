import { type Command, Option } from "commander";
import { command, fullPath } from "../options/command";
import { type ExportChoices, exportFile, exportFormats, formatOf } from "./export-file";

const examples = `
Formats: safetensors, in this library's names; torchscript-names, safetensors in the names and layouts of the official
PyTorch code, which load_state_dict(safetensors.torch.load_file(path)) takes; onnx. An h as ONNX has the inputs "old" and
"side" ("input" for a linear h, which takes both side by side) and the output "mapped"; a ResNet takes "images" of [rows,
3, height, width], normalised as it learned them, and gives "embeddings", which are not divided by their lengths.

Example:
  npm run fct -- export h.safetensors --format torchscript-names --out official.safetensors`;

/** `fct export`: an h or a ResNet for other programs. */
export function exportCommand(): Command {
  return command("export")
    .description("write a transformation h or a ResNet for other programs")
    .argument("<file>", 'weights: of "fct learn" or "fct import", or results/cache/{transform,train}-*', fullPath)
    .addOption(new Option("--format <name>", "which (default: by the ending of --out)").choices(exportFormats))
    .requiredOption("--out <file>", "file to write, .safetensors or .onnx", fullPath)
    .option("--force", "replace the output if it exists")
    .option("--json", "print one JSON object")
    .addHelpText("after", examples)
    .action(run);
}

async function run(file: string, { json, ...choices }: ExportChoices & { readonly json?: boolean }): Promise<void> {
  const names = Object.keys(await exportFile(file, choices));
  const { out } = choices;
  const format = formatOf(choices);
  console.log(json ? JSON.stringify({ out, format, names }) : `${out}: ${names.length} arrays, ${format}`);
}
