// The operator's way in (semantics §7.1): a Unix socket, one JSON line per command and per answer. Rare and bounded;
// main says what the commands do.

import { lstatSync, unlinkSync } from "node:fs";
import { connect, createServer, type Server, type Socket } from "node:net";
import { FaultError, reasonOf } from "../base/fault.ts";
import { RemovalWatch } from "../base/removal-watch.ts";
import type { Log } from "./gate-config.ts";

const LINE_BYTES_MAX = 4096;
const CALLERS_MAX = 16;
const OWNER_ONLY_UMASK = 0o177;
/** Asked for again and again, and change nothing. */
const UNTOLD: readonly string[] = ["status", "dump"];

export type ControlAnswer =
  | { readonly ok: true; readonly result: unknown }
  | { readonly ok: false; readonly error: { readonly code: string; readonly message: string } };

type ControlRequest = Readonly<Record<string, unknown>>;
type Answered = ControlAnswer | Promise<ControlAnswer>;
export type ControlCommand = (request: ControlRequest) => Answered;

export const controlError = (code: string, message: string): ControlAnswer => ({
  ok: false,
  error: { code, message },
});

const OF_ALL = ["id", "command", "who"];

/** A command that does nothing for who misspells what it takes: roll stopp=true would end the day, and go on. */
export const taking =
  (fields: readonly string[], run: ControlCommand): ControlCommand =>
  (request) => {
    const known = [...OF_ALL, ...fields];
    const unknown = Object.keys(request).filter((field) => !known.includes(field));
    if (unknown.length === 0) return run(request);
    const takes = fields.length === 0 ? "nothing" : fields.join(", ");
    return controlError(
      "BAD_REQUEST",
      `${request.command} takes ${takes}, and no ${unknown.join(", ")}`,
    );
  };

/** What was asked for, by a caller who may have sent anything: text as it is, and no conversion of an object's own. */
export const textOfRequest = (value: unknown): string =>
  typeof value === "string" ? value : JSON.stringify(value);

/**
 * Told with the account that the request is about, {"scope":{"account":"ALICE"}}, or without. Nothing else is a scope:
 * what is there of somebody whose name is misspelt must not look like all, or like nothing.
 */
export const withAccount =
  (
    isAccount: (user: string) => boolean,
    run: (account: string | undefined, request: ControlRequest) => Answered,
  ): ControlCommand =>
  (request) => {
    const { command, scope } = request;
    if (scope === undefined) return run(undefined, request);
    if (typeof scope !== "object" || scope === null || Object.keys(scope).join() !== "account") {
      return controlError("BAD_REQUEST", `the scope of ${command} is an account`);
    }
    const account = textOfRequest((scope as { account?: unknown }).account).toUpperCase();
    if (!isAccount(account)) {
      return controlError("UNKNOWN_ACCOUNT", `no account is called ${account}`);
    }
    return run(account, request);
  };

export class ControlServer {
  private readonly path: string;
  private readonly commands: ReadonlyMap<string, ControlCommand>;
  private readonly log: Log;
  private readonly server: Server;
  private watch: RemovalWatch | undefined;
  /** How many commands of theirs are not answered. Who has been silent for longest comes first. */
  private readonly callers = new Map<Socket, number>();

  constructor(path: string, commands: Readonly<Record<string, ControlCommand>>, log: Log) {
    this.path = path;
    this.log = log;
    this.commands = new Map(Object.entries(commands));
    // Who has said all still waits for the answers: echo '{"command":…}' | nc -UN control.sock.
    this.server = createServer({ allowHalfOpen: true }, (socket) => this.serve(socket));
  }

  /** A socket file that nobody listens to any more is taken away; one that somebody does is a Fault. */
  async open(): Promise<void> {
    await this.removeStale();
    await this.listen();
  }

  close(): void {
    this.watch?.close();
    // Node removes whatever has the name by then: another gateway's, perhaps.
    if (this.watch?.isRemoved === true) this.server.unref();
    else this.server.close();
    for (const socket of this.callers.keys()) socket.destroy();
  }

  private async listen(): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const onError = ({ code, message }: NodeJS.ErrnoException): void => {
      reject(this.fault(code ?? message));
    };
    this.server.once("error", onError);
    // bind() happens within listen(): the file is never anybody else's to open.
    const umask = process.umask(OWNER_ONLY_UMASK);
    this.server.listen(this.path, resolve);
    process.umask(umask);
    await promise.finally(() => this.server.off("error", onError));
    this.watch = new RemovalWatch(this.path, () => void this.listenAnew());
  }

  /** Somebody has removed the file: without a name nobody finds us. What has the name meanwhile is another's. */
  private async listenAnew(): Promise<void> {
    const { path } = this;
    const what = "somebody has removed the control socket";
    try {
      if (lstatSync(path, { throwIfNoEntry: false }) !== undefined) throw this.fault("EEXIST");
      this.server.close();
      await this.listen();
      this.log.warn("control-removed", { path, reason: `${what}, and it was made anew` });
    } catch (error) {
      const reason = `${what}, and it could not be made anew: ${reasonOf(error)}`;
      this.log.error("control-removed", { path, reason });
    }
  }

  private removeStale(): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const probe = connect(this.path);
    probe.on("connect", () => {
      probe.destroy();
      reject(this.fault("EADDRINUSE"));
    });
    probe.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") resolve();
      else if (error.code !== "ECONNREFUSED") reject(this.fault(error.code ?? error.message));
      else this.unlinkSocket().then(resolve, reject);
    });
    return promise;
  }

  /** A file that is no socket refuses connections as well, and is somebody's. */
  private async unlinkSocket(): Promise<void> {
    try {
      if (lstatSync(this.path).isSocket()) unlinkSync(this.path);
      else throw this.fault("ENOTSOCK");
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      throw error instanceof FaultError ? error : this.fault(code ?? String(error));
    }
  }

  private fault(errno: string): FaultError {
    return new FaultError({ code: "CONTROL_SOCKET_FAILED", path: this.path, errno });
  }

  private serve(socket: Socket): void {
    if (this.callers.size >= CALLERS_MAX) this.makeRoom();
    if (this.callers.size >= CALLERS_MAX) {
      socket.destroy();
      return;
    }
    this.callers.set(socket, 0);
    let unread = "";
    let answers = Promise.resolve();
    socket.setEncoding("utf8");
    socket.on("close", () => this.callers.delete(socket));
    // A caller that goes away is no business of ours.
    socket.on("error", () => undefined);
    socket.on("data", (text: string) => {
      const lines = (unread + text).split("\n");
      unread = lines.pop() ?? "";
      const isTooLong = [...lines, unread].some((line) => Buffer.byteLength(line) > LINE_BYTES_MAX);
      if (isTooLong) {
        this.send(socket, null, controlError("LINE_TOO_LONG", `at most ${LINE_BYTES_MAX} bytes`));
        // What follows would be kept, waiting for the end of its line: it is not read at all.
        unread = "";
        socket.removeAllListeners("data");
        socket.pause();
        socket.destroySoon();
        return;
      }
      // One after the other, in the order of their lines; meanwhile nothing more is read.
      socket.pause();
      for (const line of lines) answers = this.queue(answers, socket, line);
      answers = answers.then(() => answersTaken(socket)).then(() => void socket.resume());
    });
    socket.on("end", () => {
      if (unread !== "") answers = this.queue(answers, socket, unread);
      void answers.then(() => socket.end());
    });
  }

  /**
   * An operator gets in, whoever sits here: the one who has been silent for longest goes, if he waits for nothing, or for
   * nobody but himself.
   */
  private makeRoom(): void {
    for (const [socket, unanswered] of this.callers) {
      if (unanswered > 0 && !socket.writableNeedDrain) continue;
      const told = `all ${CALLERS_MAX} places were taken, and this caller was silent for longest`;
      this.send(socket, null, controlError("MADE_ROOM", told));
      socket.destroy();
      this.callers.delete(socket);
      return;
    }
  }

  private queue(answers: Promise<void>, socket: Socket, line: string): Promise<void> {
    this.note(socket, 1);
    return answers
      .then(() => answersTaken(socket))
      .then(() => this.answer(socket, line))
      .then(() => this.note(socket, -1));
  }

  /** It is the one who was silent for the shortest time. */
  private note(socket: Socket, unanswered: number): void {
    const before = this.callers.get(socket);
    if (before === undefined) return;
    this.callers.delete(socket);
    this.callers.set(socket, before + unanswered);
  }

  private async answer(socket: Socket, line: string): Promise<void> {
    if (line.trim() === "") return;
    const request = parseRequest(line);
    if (request === undefined) {
      this.send(socket, null, controlError("BAD_REQUEST", "a line is one JSON object"));
      return;
    }
    const name = textOfRequest(request.command);
    const command = this.commands.get(name);
    if (command === undefined) {
      const known = [...this.commands.keys()].join(", ");
      const message = `unknown command ${JSON.stringify(request.command)}; there is ${known}`;
      this.send(socket, request.id, controlError("UNKNOWN_COMMAND", message));
      return;
    }
    const isTold = !UNTOLD.includes(name);
    if (isTold) this.log.info("control", { request: JSON.stringify(request) });
    const answer = await command(request);
    if (isTold && !answer.ok) this.log.warn("control-refused", { command: name, ...answer.error });
    this.send(socket, request.id, answer);
  }

  private send(socket: Socket, id: unknown, answer: ControlAnswer): void {
    if (socket.writable) socket.write(`${JSON.stringify({ id: id ?? null, ...answer })}\n`);
  }
}

/** Who asks without taking the answers is given no more of them, and is not read, until they are taken. */
function answersTaken(socket: Socket): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  if (socket.destroyed || !socket.writableNeedDrain) {
    resolve();
    return promise;
  }
  const over = (): void => {
    socket.off("drain", over);
    socket.off("close", over);
    resolve();
  };
  socket.on("drain", over);
  socket.on("close", over);
  return promise;
}

function parseRequest(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
    return isObject ? (value as Record<string, unknown>) : undefined;
  } catch {
    // Not JSON: the caller says so to whoever sent it.
    return undefined;
  }
}
