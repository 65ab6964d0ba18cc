import { type Command, Option } from "commander";
import { command, fullPath } from "../options/command";
import { type ImportChoices, importFile, importRoles } from "./import-file";

const examples = `
Read are TorchScript archives, torch.save archives of state dicts (with any prefix of the names) and safetensors, in 16
or 32 bits. Nothing in a file is run. Networks: ResNets of depth 18, 34, 50 and 101, and the transformation h. A file may
hold several, such as an extractor and the h behind it: --part names one. The result stands in rows of an experiment by
importedBackbone and importedUpgrade of lib/index.ts; fct map takes an imported h.

Language models: the folder of a GPT-NeoX (Pythia) or a Llama as transformers saves it, with config.json, a byte-level
tokenizer.json and safetensors in 16 or 32 bits, in one file or several. The result is the base of adapters by
importedLanguageModel.

Examples:
  npm run fct -- import transformation.pt --as transformation --out h.safetensors
  npm run fct -- import pythia-70m/ --as language-model --out pythia.safetensors`;

/** `fct import`: weights of other programs as this library's. */
export function importCommand(): Command {
  return command("import")
    .description("read weights of PyTorch, say what network they are, and write them for this library")
    .argument("<file>", "archive or safetensors file; of a language model, its folder", fullPath)
    .addOption(new Option("--as <role>", "what the weights are").choices(importRoles).makeOptionMandatory())
    .requiredOption("--out <file>", "file to write, .safetensors", fullPath)
    .option("--part <prefix>", "of a file with several networks, what the names of the wanted one begin with")
    .option("--force", "replace the output if it exists")
    .option("--json", "print one JSON object")
    .addHelpText("after", examples)
    .action(run);
}

async function run(file: string, { json, ...choices }: ImportChoices & { readonly json?: boolean }): Promise<void> {
  const { what, facts, parameters } = await importFile(file, choices);
  const { out, as: role } = choices;
  console.log(json ? JSON.stringify({ out, role, ...facts, parameters }) : `${out}: ${what}, ${parameters} parameters`);
}
