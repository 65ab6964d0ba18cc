import { describe, expect, it } from "vitest";
import { doctorCommand } from "../../../lib/cli/doctor";
import { seedCount, settingsOf } from "../../../lib/cli/reproduce/choices";
import { reproduceCommand } from "../../../lib/cli/reproduce/reproduce";
import { refusal } from "../refusal";

describe("reproduce refuses", () => {
  it.each([
    [["--tabel", "main"], /unknown option '--tabel'[\s\S]*--table <name>/],
    [["--table", "nine"], /'nine' is invalid. Allowed choices are .*main/],
    [["--scale", "huge"], /'huge' is invalid. Allowed choices are .*quick/],
    [["--seeds", "0"], /'0' is invalid. A whole number from 1 to 10 is allowed/],
    [["--seeds", "11"], /'11' is invalid/],
    [["--seeds", "1e3"], /'1e3' is invalid/],
    [["--seeds", "2.5"], /'2.5' is invalid/],
    [["everything"], /too many arguments/],
  ])("%j, and says what is allowed", async (words, said) => {
    expect(await refusal(reproduceCommand(), words)).toMatch(said);
  });
});

it("doctor refuses what it does not know", async () => {
  expect(await refusal(doctorCommand(), ["--fix"])).toMatch(/unknown option '--fix'/);
});

it("seed counts are read as whole numbers", () => {
  expect([seedCount("1"), seedCount("10")]).toEqual([1, 10]);
});

it("what is not chosen reaches the kernel as an empty setting, so that the surroundings cannot choose", () => {
  expect(settingsOf({ scale: "quick" })).toMatchObject({ FCT_SCALE: "quick", FCT_SEEDS: "", FCT_FORCE: "" });
  expect(settingsOf({ scale: "quick", seeds: 2, force: true })).toMatchObject({ FCT_SEEDS: "2", FCT_FORCE: "1" });
});
