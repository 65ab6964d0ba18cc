import { benchCommand } from "./bench";
import { dataCommand } from "./data";
import { doctorCommand } from "./doctor";
import { evaluateCommand } from "./evaluate/evaluate";
import { mapCommand } from "./map/map";
import { notebookCommand } from "./notebook";
import { runProgram } from "./program";
import { readmeCommand } from "./readme";
import { reproduceCommand } from "./reproduce/reproduce";
import { tablesCommand } from "./tables";

// Every subcommand, each in a file of its own that refuses what it does not know.
void runProgram([
  reproduceCommand(),
  tablesCommand(),
  dataCommand(),
  evaluateCommand(),
  mapCommand(),
  notebookCommand(),
  benchCommand(),
  readmeCommand(),
  doctorCommand(),
]);
