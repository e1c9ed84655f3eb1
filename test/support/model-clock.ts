import { ManualClock } from "./manual-clock.ts";

/** A manual clock on which no two looks see the same moment. */
export class ModelClock extends ManualClock {
  private looks = 0;

  override nowNs(): number {
    this.looks++;
    return this.ns + this.looks;
  }
  /** Lets whole microseconds pass, more than the looks can have used up. */
  passUs(us: number): void {
    this.advanceMs((us + Math.ceil(this.looks / 1000)) / 1000);
    this.looks = 0;
  }
}
