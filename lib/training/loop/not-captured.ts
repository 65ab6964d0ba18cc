import type { StepContext } from "../../core/artifacts/step";

/** Who is told that work could not become a TensorFlow graph and runs op by op, which is slower. */
export interface CaptureListener {
  /** Called at most once for a piece of work, with the reason. */
  readonly onNotCaptured?: ((reason: string) => void) | undefined;
}

/** What a training may use: the context of its step, and a listener. */
export interface TrainingContext extends StepContext, CaptureListener {}

/** Passes the first reason that is not null on to the listener, and ignores all later ones. */
export function firstReason({ onNotCaptured }: CaptureListener): (reason: string | null) => void {
  let told = false;
  return (reason) => {
    if (told || reason === null) return;
    told = true;
    onNotCaptured?.(reason);
  };
}
