// Orders of a replay are orders: another machine gets them only when somebody said that it is there for tests.

import dns from "node:dns/promises";
import net from "node:net";

/** Whether a host is this machine, whatever it is called. Rejects when nobody knows the name. */
export async function isLocal(host: string): Promise<boolean> {
  const addresses = net.isIP(host) ? [{ address: host }] : await dns.lookup(host, { all: true });
  return addresses.every(({ address }) => isLoopback(address));
}

function isLoopback(address: string): boolean {
  return address === "::1" || /^(::ffff:)?127\./.test(address);
}
