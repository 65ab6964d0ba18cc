import { createRequire } from "node:module";
import { doctorCommand } from "./doctor";
import { runProgram } from "./program";

// The doctor is loaded alone: it must run even if TensorFlow, which the others load, does not.
if (process.argv[2] === "doctor") void runProgram([doctorCommand()]);
else createRequire(__filename)("./commands");
