// Asks a running gateway something through its control socket: one JSON line there, one back (semantics §7.1).

import net from "node:net";
import { userInfo } from "node:os";

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

/** Rejects when there is no gateway behind the path, or it does not answer in time, or goes away instead. */
export async function askGateway(
  socketPath: string,
  command: ControlCommand,
  timeoutMs = 5_000,
): Promise<ControlAnswer> {
  const socket = net.connect({ path: socketPath });
  const timer = setTimeout(() => socket.destroy(new Error(hangs(timeoutMs))), timeoutMs);
  try {
    socket.write(`${JSON.stringify({ id: 1, who: whoAsks(), ...command })}\n`);
    const text = await firstLine(socket);
    if (text === undefined) throw new Error(WENT_AWAY);
    return JSON.parse(text) as ControlAnswer;
  } finally {
    clearTimeout(timer);
    socket.destroy();
  }
}

const hangs = (timeoutMs: number): string =>
  `nothing came for ${timeoutMs / 1000} s: it hangs, is stopped, or has no core to run on`;
const WENT_AWAY = "it closed the connection: it is ending, or busy with other callers";

/** Undefined: the connection ended without one. */
async function firstLine(socket: net.Socket): Promise<string | undefined> {
  let text = "";
  socket.setEncoding("utf8");
  try {
    for await (const piece of socket) {
      text += piece;
      const end = text.indexOf("\n");
      if (end >= 0) return text.slice(0, end);
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "ECONNRESET" && code !== "EPIPE") throw error;
  }
  return undefined;
}

/** For the gateway's log: who has done it. */
function whoAsks(): string {
  try {
    return process.env.SUDO_USER ?? userInfo().username;
  } catch {
    return `uid ${process.getuid?.()}`; // a container's, without a name
  }
}
