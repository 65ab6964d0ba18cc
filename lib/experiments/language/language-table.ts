import type { TableScale } from "../table";
import type { AdaptedModel, TaskAdapter } from "./language-model";

/** A row as declared: a model that answers a task after an update. */
export interface LanguageRow {
  /** Unique in its table and the same for every seed. */
  readonly id: string;
  /** The method that made the model, as readers see it. */
  readonly label: string;
  /** The task and the update: rows of one group are compared with each other. */
  readonly group: string;
  readonly model: AdaptedModel;
  /** M_v1, whose right answers the model may break. */
  readonly before: TaskAdapter;
  /** M_v2, whose flips the model's are compared with. */
  readonly next: TaskAdapter;
}

/** What a publication reports of an update, in percent, on its own tasks and models. */
export interface ReportedUpdate {
  readonly task: string;
  readonly update: string;
  readonly v1: number;
  readonly v2: number;
  readonly muscle: number;
  /** NFR of v2, and by how much that of the compatible adapter differs. */
  readonly negative: number;
  readonly change: number;
}

/** A table of updates of language models, declared as data. */
export interface LanguageTable {
  readonly kind: "language";
  readonly id: string;
  readonly title: string;
  /** Its notebook: the name of a file in notebooks/ without the extension. */
  readonly notebook: string;
  readonly scales: Readonly<Record<string, TableScale>>;
  readonly rows: (scale: string, seed: number) => readonly LanguageRow[];
  readonly notes: readonly string[];
  /** What publications report, for comparison. */
  readonly reported: readonly ReportedUpdate[];
}
