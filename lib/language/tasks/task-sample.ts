/** A sample of a task: what is asked, what is right, and between what is chosen, if it is. */
export interface TaskSample {
  readonly prompt: string;
  readonly answer: string;
  readonly choices?: readonly string[];
}
