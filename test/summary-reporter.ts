import type { TestCase, TestModule } from "vitest/node";
import type { Reporter } from "vitest/reporters";

/** Names every skipped test with its reason and ends with the line `N passed, N failed`; a file that cannot run counts as failed. */
export class SummaryReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], stray: readonly unknown[]): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const count = (state: string): number => tests.filter((test) => test.result().state === state).length;
    const broken = modules.filter((module) => module.errors().length > 0).length + (stray.length > 0 ? 1 : 0);
    for (const test of tests.filter((one) => one.result().state === "skipped")) console.log(skipLine(test));
    console.log(`${count("passed")} passed, ${count("failed") + broken} failed`);
  }
}

function skipLine(test: TestCase): string {
  const result = test.result();
  const reason = result.state === "skipped" && result.note ? `: ${result.note}` : "";
  return `skipped: ${test.module.relativeModuleId} > ${test.fullName}${reason}`;
}

// biome-ignore lint/style/noDefaultExport: vitest loads a reporter file by its default export
export default SummaryReporter;
