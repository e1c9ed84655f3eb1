// The stamps of the batch in hand: the lane's own are one per batch, the gate's one per record. Lane thread.

export class BatchStamps {
  batch = 0;
  /** Until the turn that took the batch is over: what leaves later is delayed. */
  isOpen = false;
  /** Records taken. */
  count = 0;
  readonly readNs: Float64Array;
  readonly inboundNs: Float64Array;
  readonly depths: Int32Array; // of the inbound ring when the record came
  private readonly own = new Float64Array(3);

  constructor(batchMax: number) {
    this.readNs = new Float64Array(batchMax);
    this.inboundNs = new Float64Array(batchMax);
    this.depths = new Int32Array(batchMax);
  }

  /** The lane took the batch. */
  get laneNs(): number {
    return this.own[0]!;
  }
  set laneNs(value: number) {
    this.own[0] = value;
  }
  /** Everything is decided. */
  get doneNs(): number {
    return this.own[1]!;
  }
  set doneNs(value: number) {
    this.own[1] = value;
  }
  /** The inputs are as durable as configured. */
  get durableNs(): number {
    return this.own[2]!;
  }
  set durableNs(value: number) {
    this.own[2] = value;
  }
}
