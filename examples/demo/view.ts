import type { Change, State } from "./follow.ts";

/** Shows somebody what is going on. */
export interface View {
  /** Shows changes. */
  show(changes: readonly Change[]): void;
  /** Shows how following is going. */
  tell(state: State): void;
  /** Ends the showing, with a last word. Closing twice is fine. */
  close(): void;
}
