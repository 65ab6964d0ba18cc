import { absoluteFolders, callersFolder } from "../core/paths";
import { commands } from "./commands";
import { runProgram } from "./program";

// Paths are relative to where the user is, not to the clone's root, where npm starts this process.
absoluteFolders();
process.chdir(callersFolder());
void runProgram(commands);
