import { statSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { afterAll, beforeAll, expect } from "vitest";
import { type Lab, startLab } from "./jupyterlab";

/** What the tests use of playwright-core, which is installed for them alone. */
interface Page {
  readonly goto: (url: string) => Promise<unknown>;
  readonly close: () => Promise<void>;
  /** The value of an expression in the page. */
  readonly evaluate: (expression: string) => Promise<unknown>;
  readonly waitForSelector: (selector: string, options?: object) => Promise<unknown>;
  readonly locator: (selector: string) => Locator;
  readonly keyboard: { readonly press: (key: string) => Promise<void>; readonly type: (text: string) => Promise<void> };
  readonly mouse: { readonly move: (x: number, y: number) => Promise<void> };
  readonly on: (event: "pageerror", listen: (error: Error) => void) => void;
}

interface Locator {
  readonly nth: (index: number) => Locator;
  readonly first: () => Locator;
  readonly click: (options?: object) => Promise<void>;
  readonly scrollIntoViewIfNeeded: () => Promise<void>;
  readonly boundingBox: () => Promise<{ readonly x: number; readonly y: number } | null>;
}

interface Browser {
  readonly newPage: (options: object) => Promise<Page>;
  readonly close: () => Promise<void>;
}

const patience = { timeout: 150_000, interval: 250 };

/** A JupyterLab and a browser, which the tests of a file share. */
export function labAndBrowser(): { readonly lab: () => Lab; readonly open: (name: string) => Promise<Tab> } {
  let started: readonly [Lab, Browser] | null = null;
  const both = (): readonly [Lab, Browser] => {
    if (started === null) throw new Error("JupyterLab and the browser have not been started");
    return started;
  };
  beforeAll(async () => {
    started = await Promise.all([startLab(), startBrowser()]);
  });
  afterAll(async () => {
    const [lab, browser] = both();
    await browser.close();
    lab.end();
  });
  return {
    lab: () => both()[0],
    open: (name) => {
      const [lab, browser] = both();
      return Tab.open(browser, lab, name);
    },
  };
}

function startBrowser(): Promise<Browser> {
  const { chromium } = createRequire(join(import.meta.dirname, "package.json"))("playwright-core") as {
    readonly chromium: { readonly launch: (options: object) => Promise<Browser> };
  };
  return chromium.launch({ executablePath: process.env.CHROMIUM, args: ["--no-sandbox"] });
}

/** A notebook in a tab: its code cells are counted from 0. */
export class Tab {
  readonly errors: string[] = [];
  private constructor(
    readonly page: Page,
    private readonly lab: Lab,
    private readonly name: string,
  ) {
    page.on("pageerror", (error) => this.errors.push(String(error)));
  }

  static async open(browser: Browser, lab: Lab, name: string): Promise<Tab> {
    const page = await browser.newPage({ viewport: { width: 1440, height: 1000 } });
    const tab = new Tab(page, lab, name);
    await page.goto(`${lab.url}/lab/tree/${name}.ipynb?reset`);
    await page.waitForSelector(".jp-CodeCell .jp-InputPrompt", { timeout: patience.timeout });
    return tab;
  }

  /** Runs a cell; its output once it has ended. */
  async run(cell: number): Promise<string> {
    await this.start(cell);
    await this.ended(cell);
    return this.output(cell);
  }

  /** Starts a cell. A page without its kernel yet forgets what it is asked, so it is asked again. */
  async start(cell: number): Promise<void> {
    const ask = async (): Promise<string> => {
      await this.page.locator(".jp-CodeCell .jp-InputPrompt").nth(cell).click();
      await this.page.keyboard.press("Control+Enter");
      await new Promise((resolve) => setTimeout(resolve, 1000));
      return this.prompt(cell);
    };
    await expect.poll(ask, { ...patience, interval: 4000 }).toMatch(/\[(\*|\d+)\]/);
  }

  async ended(cell: number): Promise<void> {
    await expect.poll(() => this.prompt(cell), patience).toMatch(/\[\d+\]/);
  }

  prompt(cell: number): Promise<string> {
    return this.textOf(".jp-CodeCell .jp-InputPrompt", cell);
  }

  async output(cell: number): Promise<string> {
    return (await this.textOf(".jp-CodeCell .jp-Cell-outputArea", cell)).trim();
  }

  /** What the circle says of the kernel. */
  async state(): Promise<string> {
    const circle = 'document.querySelector(".jp-Notebook-ExecutionIndicator")';
    return String(await this.page.evaluate(`${circle}?.dataset.status ?? ""`));
  }

  async textOf(selector: string, index: number): Promise<string> {
    const found = `document.querySelectorAll(${JSON.stringify(selector)})[${index}]`;
    return String(await this.page.evaluate(`${found}?.innerText ?? ""`));
  }

  async count(selector: string): Promise<number> {
    return Number(await this.page.evaluate(`document.querySelectorAll(${JSON.stringify(selector)}).length`));
  }

  /** Writes the notebook to its file, even an unchanged one. */
  async save(): Promise<void> {
    const path = this.lab.pathOf(this.name);
    const before = statSync(path).mtimeMs;
    await this.page.locator(".jp-InputPrompt").first().click();
    await this.page.keyboard.press("Control+s");
    await expect.poll(() => statSync(path).mtimeMs, patience).toBeGreaterThan(before);
  }
}
