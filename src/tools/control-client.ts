// Asks a running gateway something through its control socket: one JSON line there, one back (semantics §7.1).

import { once } from "node:events";
import net from "node:net";
import { userInfo } from "node:os";
import { createInterface } from "node:readline";

export interface ControlAnswer {
  readonly ok: boolean;
  readonly result?: unknown;
  readonly error?: { readonly code: string; readonly message: string };
}

export interface ControlCommand {
  readonly command: string;
  readonly scope?: Readonly<Record<string, unknown>>;
  /** Of "sampling": what is to be other than it is. */
  readonly set?: Readonly<Record<string, unknown>>;
  /** Of "capture-start": where to. */
  readonly file?: string;
}

/** Rejects when there is no gateway behind the path, or it does not answer in time. */
export async function askGateway(
  socketPath: string,
  command: ControlCommand,
  timeoutMs = 5_000,
): Promise<ControlAnswer> {
  const signal = AbortSignal.timeout(timeoutMs);
  const socket = net.connect({ path: socketPath });
  try {
    await once(socket, "connect", { signal });
    const line = once(createInterface({ input: socket }), "line", { signal });
    socket.write(`${JSON.stringify({ id: 1, who: whoAsks(), ...command })}\n`);
    const [text] = (await line) as [string];
    return JSON.parse(text) as ControlAnswer;
  } finally {
    socket.destroy();
  }
}

/** For the gateway's log: who has done it. */
function whoAsks(): string {
  try {
    return process.env.SUDO_USER ?? userInfo().username;
  } catch {
    return `uid ${process.getuid?.()}`; // a container's, without a name
  }
}
