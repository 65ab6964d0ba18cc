import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { projectRoot } from "../lib/core/paths";
import { complaints } from "./complaints";
import { doorsOf } from "./doors";

const root = projectRoot();
const generated = ["README.md", "results/README.md", "lib/README.md", "lib/bench/README.md"];
const documents = [...generated, "CONTRIBUTING.md", "notebooks/README.md", "data/README.md"];
const text = (path: string): string => readFileSync(join(root, path), "utf8");

/** Text without what stands in fences. */
const prose = (path: string): string => text(path).replace(/^```[\s\S]*?^```$/gm, "");

// That they agree with the results, `fct verify` finds (test/cli/documents/verify.test.ts).
describe("generated sections and numbers", () => {
  test("are there", () => {
    const markers = generated.map((path) => text(path).match(/^<!-- (?!end).* -->$/gm));
    const scales = ["quick", "laptop", "paper"].filter((scale) => existsSync(join(root, "results", scale)));
    expect(markers).toEqual([
      ["<!-- summary quick/main -->", "<!-- claims -->"],
      [
        "<!-- datasets -->",
        "<!-- evidence -->",
        "<!-- trials -->",
        ...scales.map((scale) => `<!-- results ${scale} -->`),
        "<!-- fuzz -->",
        "<!-- torture -->",
      ],
      ["<!-- api -->"],
      ["<!-- bench -->"],
    ]);
  });
});

describe.each(documents)("%s", (path) => {
  test("links to files and headings that exist", () => {
    const links = [...prose(path).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link]) => link ?? "");
    const relative = links.filter((link) => !/^https?:/.test(link));
    const broken = relative.filter((link) => {
      const [file = "", heading] = link.split("#");
      const target = file === "" ? path : join(dirname(path), file);
      if (!existsSync(join(root, target))) return true;
      return heading !== undefined && !headingsOf(target).includes(heading);
    });
    expect(broken).toEqual([]);
  });

  test("names paths and scripts that exist", () => {
    const paths = text(path).match(/\b(?:lib|test|results|notebooks)\/[\w./-]*\w/g) ?? [];
    const made = /^(results\/(cache|own|run))\b/;
    expect(paths.filter((each) => !made.test(each) && !existsSync(join(root, each)))).toEqual([]);
    const { scripts } = JSON.parse(text("package.json")) as { readonly scripts: Readonly<Record<string, string>> };
    const called = [...text(path).matchAll(/\bnpm run ([\w:]+)/g)].map(([, script]) => script ?? "");
    expect(called.filter((script) => scripts[script] === undefined)).toEqual([]);
  });

  test("has lines of at most 120 columns, figures aside, and tables and quotations outside the README", () => {
    const lines = text(path)
      .split("\n")
      .filter((line) => !line.startsWith("![") && (path === "README.md" || !/^[|>]/.test(line)));
    expect(lines.filter((line) => line.length > 120)).toEqual([]);
  });

  test("writes decimals with a leading zero", () => {
    expect(prose(path).match(/(?<![\d\w/.*-])\.\d+/g) ?? []).toEqual([]);
  });
});

/** The anchors of a document's headings, as GitHub makes them. */
function headingsOf(path: string): readonly string[] {
  const titles = [...prose(path).matchAll(/^#+ (.*)$/gm)].map(([, title]) => title ?? "");
  return titles.map((title) =>
    title
      .toLowerCase()
      .replace(/[^\w\s-]/g, "")
      .replaceAll(" ", "-"),
  );
}

describe("README.md", () => {
  test("has at most 200 lines", () => {
    expect(text("README.md").trimEnd().split("\n").length).toBeLessThanOrEqual(200);
  });

  test("asks for the Pythons that the set-up takes", () => {
    const [range] = /Python 3\.\d+ to 3\.\d+/.exec(text("lib/cli/setup/prerequisites.mjs")) ?? [];
    expect(text("README.md")).toContain(`${range} with \`venv\``);
  });

  test("shows TypeScript that agrees with the types of the library's public surface", async () => {
    const examples = [...text("README.md").matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, code]) => code ?? "");
    expect(examples).toHaveLength(2);
    const modules = examples.map((code, index) => [`example-${index}`, code] as const);
    expect(await complaints(Object.fromEntries(modules))).toEqual([]);
  });
});

test("lib/README.md lists every room with its doors", () => {
  const rows = [...text("lib/README.md").matchAll(/^\| `([\w/-]+)` \| (.*?) \| .+ \|$/gm)];
  const listed = rows.map(([, room = "", doors = ""]) => [room, doors === "—" ? [] : doors.split(", ")] as const);
  expect(Object.fromEntries(listed)).toEqual(doorsOf());
});
