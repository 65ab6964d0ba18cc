import { BrowserGone, type DrawRequest, Kaleido, type Patience } from "./kaleido";

/** A browser under load may need minutes for its first figure, but one that hangs does nothing. */
const usualPatience: Patience = { seconds: 180, idleSeconds: 15 };

/** Several browsers in a row may hang. */
const attempts = 4;

/**
 * Draws in a browser that is started on first use and again after it has ended. It takes a second
 * to start, so every figure is drawn by the same one.
 */
export class Renderer {
  private readonly start: () => Kaleido;
  private browser: Kaleido | null = null;

  /** `folder` is kaleido's, `plotly` the script that draws, by default plotly.js's own. */
  constructor(folder: string, patience: Patience = usualPatience, plotly?: string) {
    this.start = () => new Kaleido(folder, patience, plotly);
  }

  /**
   * A PNG as base64, or the text of an SVG. If the browser ends, hangs or stays silent meanwhile, a
   * fresh one tries again.
   */
  async draw(request: DrawRequest): Promise<string> {
    const faults: BrowserGone[] = [];
    while (faults.length < attempts) {
      try {
        return await this.attempt(request);
      } catch (error) {
        if (!(error instanceof BrowserGone)) throw error;
        faults.push(error);
      }
    }
    const why = [...new Set(faults.map(({ message }) => message))].join("; then ");
    throw new Error(`the figure is not drawn, in ${attempts} attempts: ${why}`, { cause: faults.at(-1) });
  }

  /** Ends the browser, if one runs, after the requests before it. */
  async close(): Promise<void> {
    await this.browser?.close();
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
