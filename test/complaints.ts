import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { projectRoot } from "../lib/core/paths";
import { temporaryFolder } from "./temporary-folder";

/** The compiler's complaints about modules by name, each a program's text. Their "../lib" is the library's sources. */
export async function complaints(modules: Readonly<Record<string, string>>): Promise<readonly string[]> {
  const folder = temporaryFolder();
  const library = JSON.stringify(join(projectRoot(), "lib", "index"));
  for (const [name, code] of Object.entries(modules)) {
    writeFileSync(join(folder, `${name}.ts`), code.replaceAll('"../lib"', library));
  }
  const config = {
    extends: join(projectRoot(), "tsconfig.test.json"),
    // A notebook's last value may be looked at by hand only.
    compilerOptions: {
      noUnusedLocals: false,
      rootDir: "/",
      typeRoots: [join(projectRoot(), "node_modules", "@types")],
    },
    include: ["*.ts"],
    exclude: [],
  };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config));
  const compiler = join(projectRoot(), "node_modules", "typescript", "bin", "tsc");
  const run = promisify(execFile)(process.execPath, [compiler, "-p", folder], { cwd: folder });
  const output = await run.then(
    () => "",
    ({ stdout, stderr }: { stdout: string; stderr: string }) => stdout + stderr,
  );
  return output.split("\n").filter((line) => line !== "");
}
