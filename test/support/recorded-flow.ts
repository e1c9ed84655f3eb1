// The inputs of a random day, as a journal has them: with sweeps, mass cancels and what waits behind them spread over
// many records, changes of the configuration in between, and the end of the day at the end.

import { INBOUND_KIND, ROLL_STEP } from "../../src/memory/inbound-record.ts";
import { InputRecorder } from "./input-recorder.ts";
import { LaneFlow } from "./lane-flow.ts";
import { LaneRig, type LaneRigOptions, laneConfig, type RigClient } from "./lane-rig.ts";
import { pushConfig } from "./push-config.ts";
import type { SeededRandom } from "./seeded-random.ts";

const SETTINGS = { outputsPerStepMax: 3, offencesMax: 8, explainIgnored: true };
const CROWDED = "IBM";
const CROWD_PRICE = 1_000_400;

/** Accounts whose requests come at once: a long sweep, long mass cancels, and all kinds of requests behind them. */
class Crowd {
  private readonly rig: LaneRig;
  private readonly maker: RigClient;
  private readonly taker: RigClient;
  private last = 0;

  constructor(rig: LaneRig) {
    this.rig = rig;
    this.maker = rig.login("MAKER", { anyFirm: true });
    this.taker = rig.login("TAKER");
  }

  act(): void {
    const { maker, taker } = this;
    const first = this.last + 1;
    for (let count = 0; count < 30; count++) this.enter(maker, "B", 10);
    this.enter(taker, "S", 220);
    maker.cancel(first + 29).cancel(first + 28, { quantity: 4 });
    maker.modify({ userRefNum: first + 27, side: "B", quantity: 5 });
    maker.replace({ origUserRefNum: first + 26, userRefNum: this.next(), price: CROWD_PRICE });
    maker.massCancel({ userRefNum: this.next(), symbol: CROWDED });
    const held = this.enter(maker, "B", 20);
    maker.replace({ origUserRefNum: held, userRefNum: this.next(), price: CROWD_PRICE });
    maker.cancel(held, { quantity: 1 }).modify({ userRefNum: held, side: "B", quantity: 2 });
    maker.massCancel({ userRefNum: this.next() });
    for (let count = 0; count < 5; count++) this.enter(maker, "B", 10);
    // A fight of two clients: in the end both are refused for a while.
    for (let count = 0; count < 7; count++) this.rig.login("FIGHT", { sequence: 0 });
  }

  private enter(client: RigClient, side: string, quantity: number): number {
    const userRefNum = this.next();
    client.enter({ userRefNum, side, quantity, symbol: CROWDED, price: CROWD_PRICE });
    return userRefNum;
  }
  private next(): number {
    this.last++;
    return this.last;
  }
}

export function recordedFlow(
  random: SeededRandom,
  options: LaneRigOptions,
  steps: number,
): readonly Buffer[] {
  const inputLog = new InputRecorder();
  const rig = new LaneRig({ ...SETTINGS, ...options, inputLog });
  const flow = new LaneFlow(rig, random, 5);
  const crowd = new Crowd(rig);
  for (let step = 0; step < steps; step++) {
    flow.step();
    if (random.below(9) === 0) rig.runOnce();
    if (random.below(40) === 0) rig.run();
    if (random.below(150) === 0) crowd.act();
    if (random.below(400) === 0) changeConfig(rig, random, options);
  }
  crowd.act();
  rig.push(INBOUND_KIND.REGULATE, -1, 0, 1);
  inputLog.isShort = true;
  for (let step = 0; step < 20; step++) flow.step();
  rig.push(INBOUND_KIND.ROLL, -1, 0, ROLL_STEP.CLOSE);
  for (let step = 0; step < 50; step++) flow.step();
  rig.run();
  return inputLog.slots;
}

function changeConfig(rig: LaneRig, random: SeededRandom, options: LaneRigOptions): void {
  const symbols = ["AAPL", "MSFT", "ORCL"].filter(() => random.below(4) > 0);
  const list = [CROWDED, ...symbols].map((symbol) => ({ symbol, tickSize: random.pick([1, 100]) }));
  const instruments = random.below(2) === 0 ? "*" : list;
  const ordersMax = 4096 + random.below(1000);
  const config = laneConfig({
    ...SETTINGS,
    ...options,
    venue: { ...options.venue, instruments, ordersMax },
  });
  const outputsPerStepMax = 1 + random.below(6);
  const offencesMax = 2 + random.below(20);
  pushConfig(rig, { ...config, node: random.below(64), outputsPerStepMax, offencesMax });
}
