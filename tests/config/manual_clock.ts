import { type Clock, sleepOn } from "@coxswain/kube/async";

/** Tells the time that it was told. Nothing in `config/` sets timers. */
export class ManualClock implements Clock {
  #now = 0;
  now(): number {
    return this.#now;
  }
  date(): Date {
    return new Date(this.#now);
  }
  schedule(): () => void {
    throw new Error("Cannot schedule: this clock has no timers");
  }
  sleep(delay: number): Promise<void> {
    return sleepOn(this, delay);
  }
  advance(delay: number): void {
    this.#now += delay;
  }
}
