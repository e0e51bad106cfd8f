/** A step of the story. */
export interface Step {
  /** In a word, such as `scale`. */
  name: string;
  /** What is done. */
  what: string;
  state: "to come" | "going on" | "done";
  /** What came of it. */
  outcome?: string;
}

/** One of the two operators. */
export interface OperatorRow {
  name: string;
  state: "starting" | "stands by" | "leads" | "killed" | "has ended";
}

/** A WebApp and what the operator made of it. */
export interface AppRow {
  name: string;
  image: string;
  /** Of the Deployment: ready and wanted, such as `1/4`; `-` when there is none. */
  replicas: string;
  /** `True`, `False`, or `-` as long as the status says nothing. */
  ready: string;
  /** Whether its Service is there. */
  service: "yes" | "no";
  isDeleting: boolean;
}

/** All that there is to see. */
export interface Stage {
  /** Where it is played. */
  place: string;
  steps: readonly Step[];
  operators: readonly OperatorRow[];
  apps: readonly AppRow[];
  /** The newest last. */
  news: readonly string[];
}

/** Shows somebody what goes on. */
export interface View {
  /** Something has changed. */
  show(stage: Stage): void;
  /** Something that is told once has happened. */
  tell(line: string): void;
  /** Ends the showing. Closing twice is fine. */
  close(): void;
}
