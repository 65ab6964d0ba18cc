import { Command } from "commander";
import { describe, expect, it } from "vitest";
import { doctorCommand } from "../../../lib/cli/doctor/doctor";
import { seedsOption } from "../../../lib/cli/options/choices";
import { reproduceCommand } from "../../../lib/cli/reproduce/reproduce";
import { refusal } from "../refusal";

describe("reproduce refuses", () => {
  it.each([
    [["--tabel", "main"], /unknown option '--tabel'[\s\S]*"fct reproduce --help" shows what it takes/],
    [["--table", "nine"], /'nine' is invalid. Allowed choices are .*main/],
    [["--scale", "huge"], /'huge' is invalid. Allowed choices are .*quick/],
    [["--seeds", "0"], /'0' is invalid. Expected a whole number from 1 to 10/],
    [["--seeds", "11"], /'11' is invalid/],
    [["--seeds", "1e3"], /'1e3' is invalid/],
    [["--seeds", "2.5"], /'2.5' is invalid/],
    [["--precision", "float16"], /'float16' is invalid. Allowed choices are float32, bfloat16/],
    [["everything"], /too many arguments/],
  ])("%j, and says what is allowed", async (words, said) => {
    expect(await refusal(reproduceCommand(), words)).toMatch(said);
  });
});

it("doctor refuses what it does not know", async () => {
  expect(await refusal(doctorCommand(), ["--fix"])).toMatch(/unknown option '--fix'/);
});

it.each(["1", "10"])("%s seeds are read as a number", (text) => {
  const command = new Command().addOption(seedsOption()).parse(["--seeds", text], { from: "user" });
  expect(command.opts()).toEqual({ seeds: Number(text) });
});
