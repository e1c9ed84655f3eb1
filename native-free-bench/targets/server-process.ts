// A server that gateways are compared with, in a process of its own with the start script's flags.

import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { PROJECT_ROOT, startCommand } from "../../src/tools/gateway-process.ts";

/** Said once, when it takes connections. */
export interface FromServer {
  readonly host: string;
  readonly port: number;
}

export class ServerProcess {
  readonly address: FromServer;
  readonly pid: number;
  private readonly child: ChildProcess;

  private constructor(child: ChildProcess, address: FromServer) {
    this.child = child;
    this.address = address;
    this.pid = child.pid ?? 0;
  }

  /** `file` is in this folder. Rejects when it ends before it takes connections. */
  static async start(file: string, args: readonly string[]): Promise<ServerProcess> {
    const child = fork(join(import.meta.dirname, file), [...args], {
      cwd: PROJECT_ROOT,
      execArgv: startCommand().slice(0, -1), // the flags, without main.ts
    });
    const [said] = (await Promise.race([once(child, "message"), once(child, "exit")])) as [
      FromServer | number | null,
    ];
    if (said === null || typeof said === "number") {
      throw new Error(`${file} ended with status ${said} before it took connections`);
    }
    return new ServerProcess(child, said);
  }

  /** It ends when its parent no longer speaks to it. Rejects when it had ended before. */
  async stop(): Promise<void> {
    if (!this.child.connected) throw new Error("the server ended before it was stopped");
    const ended = once(this.child, "exit");
    this.child.disconnect();
    await ended;
  }
}
