import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it, vi } from "vitest";
import { planCommand } from "../../../lib/cli/cluster/plan";
import { temporaryFolder } from "../../temporary-folder";

it("a plan replaces a file only by --force, and no folder", async () => {
  const folder = temporaryFolder();
  const out = join(folder, "plan.json");
  writeFileSync(out, "of the user");
  vi.spyOn(console, "error").mockReturnValue();
  const plan = (...words: readonly string[]) =>
    planCommand().parseAsync(["--scale", "quick", "--out", ...words], { from: "user" });
  await expect(plan(out)).rejects.toThrow(/plan\.json: it exists; .*--force/);
  expect(readFileSync(out, "utf8")).toBe("of the user");
  await expect(plan(folder, "--force")).rejects.toThrow(/: it is a folder; name a file in it/);
  await plan(out, "--force");
  expect(JSON.parse(readFileSync(out, "utf8"))).toMatchObject({ tables: [expect.anything()] });
});

it("a plan that is printed and written is one plan", async () => {
  const out = join(temporaryFolder(), "plan.json");
  vi.spyOn(console, "error").mockReturnValue();
  const print = vi.spyOn(process.stdout, "write").mockReturnValue(true);
  await planCommand().parseAsync(["--table", "overview", "--json", "--out", out], { from: "user" });
  const printed = print.mock.calls.map(([text]) => String(text)).join("");
  print.mockRestore();
  expect(printed).toBe(readFileSync(out, "utf8"));
});

it("a plan that extends a committed result has the steps of the other seeds alone, and of more seeds than it", async () => {
  const folder = temporaryFolder();
  vi.spyOn(console, "error").mockReturnValue();
  const stepsOf = async (...words: readonly string[]): Promise<readonly { label: string; key: string }[]> => {
    const out = join(folder, "plan.json");
    await planCommand().parseAsync(["--table", "overview", "--out", out, "--force", ...words], { from: "user" });
    return (JSON.parse(readFileSync(out, "utf8")) as { steps: { label: string; key: string }[] }).steps;
  };
  const [whole, others] = [await stepsOf("--seeds", "6"), await stepsOf("--seeds", "6", "--extend")];
  // Apart from what joins the seeds, which both have in a way of their own.
  const shared = others.filter(({ key }) => whole.some((each) => each.key === key));
  expect(shared.length).toBe((whole.length - 1) / 6);
  expect(others.length).toBeLessThan(shared.length + 3);
  const refuse = planCommand().exitOverride();
  refuse.configureOutput({ writeErr: () => {} });
  const same = refuse.parseAsync(["--table", "overview", "--seeds", "5", "--extend"], { from: "user" });
  await expect(same).rejects.toThrow(/seeds: .*more than the 5 of the committed result/);
});

it("a plan of all tables in bfloat16 is of those that run so", async () => {
  const out = join(temporaryFolder(), "plan.json");
  vi.spyOn(console, "error").mockReturnValue();
  await planCommand().parseAsync(["--all", "--precision", "bfloat16", "--out", out], { from: "user" });
  const named = (JSON.parse(readFileSync(out, "utf8")) as { tables: { result: string }[] }).tables;
  expect(named.map(({ result }) => result)).toContain("main-bfloat16");
  expect(named.filter(({ result }) => !result.endsWith("-bfloat16"))).toEqual([]);
});
