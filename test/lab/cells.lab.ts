import { describe, expect, it } from "vitest";
import { labAndBrowser } from "./browser";

const { lab, open } = labAndBrowser();

const cells = [
  "const a = 1;\nconst add = (first: number, second: number): number => first + second;\ninterface Unseen { x: 1 }",
  "({ a })",
  '({ columns: ["name", "value"], values: [["x", 1.5]] })',
  "Promise.resolve({ data: [{ type: 'bar', x: [1], y: [2] }] })",
  '// one\nconst n: number = "x";',
  "interface Gone { y: 1 }\nconst fail = (): never => {\n  throw new RangeError('here');\n};\nfail()",
  'process.stdout.write("\\rfourteen rows");\nvoid process.stdout.write("\\rnone\\n");',
  "add(1, ",
];

it("cells show values, names the lines of what fails, and help inside calls", async () => {
  lab().write("cells", cells);
  const tab = await open("cells");
  await tab.run(0);
  expect(await tab.run(1)).toContain("{ a: 1 }");
  await tab.run(2);
  expect(await tab.textOf(".jp-RenderedHTMLCommon table", 0)).toMatch(/name\s+value\s+x\s+1.5/);
  await tab.run(3);
  await expect
    .poll(() => tab.count(".jp-RenderedPlotly .main-svg"), {
      timeout: 120_000,
    })
    .toBeGreaterThan(0);
  const mistyped = await tab.run(4);
  expect(mistyped).toMatch(/cell \[5\]:2:7 - Type 'string' is not assignable to type 'number'\./);
  expect(mistyped).toContain('> 2 | const n: number = "x";');
  const failed = await tab.run(5);
  expect(failed).toContain("> 3 |   throw new RangeError('here');");
  expect(failed).toContain("at fail (cell [6]:3:9)");
  expect(await tab.run(6)).toBe("none");
  await tab.save();
  expect(JSON.parse(lab().bytesOf("cells").toString()).cells[6].outputs[0].data["text/plain"]).toEqual(["none"]);
  await tab.page.locator(".jp-CodeCell .cm-content").nth(7).click();
  await tab.page.keyboard.press("End");
  await tab.page.keyboard.press("Shift+Tab");
  await expect.poll(() => tab.textOf(".jp-Tooltip", 0), { timeout: 120_000 }).toContain("> second: number");
  expect(tab.errors).toEqual([]);
  await tab.page.close();
});

describe("while a cell works", () => {
  const work = `const pause = () => new Promise((resolve) => setTimeout(resolve, 250));
for (let epoch = 1; epoch <= 120; epoch++) {
  process.stdout.write(\`\\repoch \${epoch}\`);
  await pause();
}
console.log("\\nfinished");`;

  it("the circle says busy, progress returns with the tab, and so does the end", async () => {
    lab().write("work", ["const adding = 1;", work, '"after"', "add"]);
    const first = await open("work");
    await first.run(0);
    await first.save();
    await first.start(1);
    await expect.poll(() => first.output(1), { timeout: 120_000 }).toMatch(/epoch \d+/);
    await first.start(2);
    await first.page.locator(".jp-CodeCell .cm-content").nth(3).click();
    await first.page.keyboard.press("End");
    await first.page.keyboard.press("Tab");
    await expect.poll(() => first.textOf(".jp-Completer", 0), { timeout: 120_000 }).toContain("adding");
    expect(await first.state()).toBe("busy");
    await first.page.close();

    const second = await open("work");
    await expect.poll(() => second.state(), { timeout: 120_000 }).toBe("busy");
    await expect.poll(() => second.prompt(1), { timeout: 120_000 }).toContain("[*]");
    const epochs = async () => Number(/epoch (\d+)/.exec(await second.output(1))?.[1]);
    const seen = await epochs();
    await expect.poll(epochs, { timeout: 120_000 }).toBeGreaterThan(seen);
    await second.ended(2);
    expect(await second.output(1)).toMatch(/^epoch 120\n+finished$/);
    expect(await second.output(2)).toContain("'after'");
    await expect.poll(() => second.state(), { timeout: 120_000 }).toBe("idle");
    expect(second.errors).toEqual([]);
    await second.page.close();
  });

  it("the stop button ends it, and the next cell runs", async () => {
    lab().write("stop", [
      'console.log("works");\nwhile (true) await new Promise((resolve) => setTimeout(resolve, 50));',
      '"alive"',
    ]);
    const tab = await open("stop");
    await tab.start(0);
    await expect.poll(() => tab.state(), { timeout: 120_000 }).toBe("busy");
    await expect.poll(() => tab.output(0), { timeout: 120_000 }).toContain("works");
    await tab.page.locator('.jp-NotebookPanel-toolbar [data-jp-item-name="interrupt"] jp-button').first().click();
    await tab.ended(0);
    expect(await tab.output(0)).toContain("Interrupted");
    expect(await tab.run(1)).toContain("alive");
    await tab.page.close();
  });
});
