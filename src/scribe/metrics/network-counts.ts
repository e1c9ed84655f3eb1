// What the kernel counts of TCP, for the whole machine (or the network name space that we are in). Scribe thread.

import { readFileSync } from "node:fs";

export interface NetworkCounts {
  readonly retransmits: number;
  readonly listenOverflows: number;
  readonly listenDrops: number;
}

/** Undefined: this kernel does not say. */
export function readNetworkCounts(folder = "/proc/net"): NetworkCounts | undefined {
  try {
    const tcp = fieldsOf(readFileSync(`${folder}/snmp`, "utf8"), "Tcp");
    const extended = fieldsOf(readFileSync(`${folder}/netstat`, "utf8"), "TcpExt");
    return {
      retransmits: tcp.get("RetransSegs") ?? 0,
      listenOverflows: extended.get("ListenOverflows") ?? 0,
      listenDrops: extended.get("ListenDrops") ?? 0,
    };
  } catch {
    return undefined;
  }
}

/** Two lines begin with the group's name: the names of its fields, and then their values. */
function fieldsOf(text: string, group: string): ReadonlyMap<string, number> {
  const [names = [], values = []] = text
    .split("\n")
    .filter((line) => line.startsWith(`${group}:`))
    .map((line) => line.split(" ").slice(1));
  return new Map(names.map((name, index) => [name, Number(values[index])]));
}
