import { BrowserGone, type DrawRequest, Kaleido } from "./kaleido";

/** A browser under load may need minutes for its first figure. */
const patienceSeconds = 180;

/**
 * Draws in a browser that is started on first use and again after it has ended. It takes a second
 * to start, so every figure is drawn by the same one.
 */
export class Renderer {
  private readonly start: () => Kaleido;
  private browser: Kaleido | null = null;

  /** `folder` is kaleido's, `plotly` the script that draws, by default plotly.js's own. */
  constructor(folder: string, patience: number = patienceSeconds, plotly?: string) {
    this.start = () => new Kaleido(folder, patience, plotly);
  }

  /**
   * A PNG as base64, or the text of an SVG. If the browser ends or stays silent meanwhile, a fresh
   * one tries once more.
   */
  async draw(request: DrawRequest): Promise<string> {
    try {
      return await this.attempt(request);
    } catch (first) {
      if (!(first instanceof BrowserGone)) throw first;
      return this.secondAttempt(request, first);
    }
  }

  /** Ends the browser, if one runs, after the requests before it. */
  async close(): Promise<void> {
    await this.browser?.close();
  }

  private async secondAttempt(request: DrawRequest, first: BrowserGone): Promise<string> {
    try {
      return await this.attempt(request);
    } catch (second) {
      if (!(second instanceof BrowserGone)) throw second;
      const why = first.message === second.message ? first.message : `${first.message}; then ${second.message}`;
      throw new Error(`the figure is not drawn, in two attempts: ${why}`, { cause: second });
    }
  }

  private async attempt(request: DrawRequest): Promise<string> {
    const browser = this.running();
    try {
      return await browser.draw(request);
    } catch (error) {
      if (error instanceof BrowserGone) this.forget(browser);
      throw error;
    }
  }

  private running(): Kaleido {
    if (this.browser !== null) return this.browser;
    const browser = this.start();
    browser.ended.then(() => this.forget(browser));
    this.browser = browser;
    return browser;
  }

  private forget(browser: Kaleido): void {
    if (this.browser === browser) this.browser = null;
  }
}
