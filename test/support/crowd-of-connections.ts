// A process in which so many connections come as its argument says; prints the collections that this brought, by kind.

import { CollectionCounter } from "../../native-free-bench/harness/collections.ts";
import { YoungGeneration } from "../../src/gate/young-generation.ts";

const counter = new CollectionCounter();
await counter.start();
const young = new YoungGeneration();
for (let left = Number(process.argv[2]); left > 0; left--) young.add();
await counter.stop();
const { minor, major } = counter;
console.log(JSON.stringify({ minor, major }));
