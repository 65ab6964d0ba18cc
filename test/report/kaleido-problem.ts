import { kaleidoFolder, projectEnvironment } from "../../lib/report/render/kaleido";

/** Why no figure can be drawn here; null if figures can be. */
export function kaleidoProblem(): string | null {
  try {
    kaleidoFolder(projectEnvironment());
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}
