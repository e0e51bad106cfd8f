import { onAbort } from "../async/mod.ts";
import { Listed } from "./roster.ts";

/** What is called where nobody wants to hear of it. */
export const nobody = (): void => {};

/** For how long a request goes on. It is what an `AbortSignal` is, which costs more and is made when somebody wants one. */
export class RequestLife extends Listed {
  /**
   * Called once if the request is to end early: by whom it is with at the time. Not to be set to a function that is written in
   * the assignment itself: V8 takes such a one for lasting and puts it among what is old, where it keeps all that it
   * refers to, the request and its answer, until the whole heap is collected.
   */
  onEnd: (reason: unknown) => void = nobody;
  readonly #onRelease: (life: RequestLife) => void;
  readonly #forget: (() => void) | undefined;
  #end: { reason: unknown } | undefined;
  #controller: AbortController | undefined;

  /**
   * @param signal Ends it.
   * @param onRelease Called when nothing is left to end.
   */
  constructor(signal: AbortSignal | undefined, onRelease: (life: RequestLife) => void) {
    super();
    this.#onRelease = onRelease;
    this.#forget = signal && onAbort(signal, (reason) => this.end(reason));
  }

  /** The same, for those who take nothing else. */
  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#end !== undefined) this.#controller.abort(this.#end.reason);
    return this.#controller.signal;
  }

  /** Ends it. Idempotent. */
  end(reason: unknown): void {
    if (this.#end !== undefined) return;
    this.#end = { reason };
    this.onEnd(reason);
    this.#controller?.abort(reason);
  }

  /** Throws its reason, if it has been ended. */
  throwIfEnded(): void {
    if (this.#end !== undefined) throw this.#end.reason;
  }

  /** Nothing is left to end. Idempotent. */
  release(): void {
    this.#forget?.();
    this.#onRelease(this);
  }
}
