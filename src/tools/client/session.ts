// One SoupBinTCP session as a client has it: connects, logs in, sends OUCH messages, counts the sequenced ones,
// keeps itself alive. Nothing is allocated per message, so that a load tool can stand on it; what happens is told
// to a sink, and order-client.ts makes promises of it for people and tests.

import net from "node:net";
import { LOGIN_ACCEPTED_BYTES, LoginAccepted } from "../../protocol/soupbintcp/login-accepted.ts";
import { LoginRejected } from "../../protocol/soupbintcp/login-rejected.ts";
import {
  LOGIN_REQUEST_PACKET_BYTES_MAX,
  type LoginFields,
  writeLoginRequest,
} from "../../protocol/soupbintcp/login-request.ts";
import { PacketReader, type PacketSink } from "../../protocol/soupbintcp/packet-reader.ts";
import {
  DEBUG,
  SERVER_END_OF_SESSION,
  SERVER_HEARTBEAT,
  SERVER_LOGIN_ACCEPTED,
  SERVER_LOGIN_REJECTED,
  SERVER_SEQUENCED,
} from "../../protocol/soupbintcp/packet-type.ts";
import {
  SIMPLE_PACKET_BYTES,
  writeClientHeartbeat,
  writeLogout,
} from "../../protocol/soupbintcp/simple-packets.ts";
import {
  UNSEQUENCED_HEADER_BYTES,
  writeUnsequencedHeader,
} from "../../protocol/soupbintcp/unsequenced.ts";
import { ReceiveWindow } from "./receive-window.ts";
import { SendQueue } from "./send-queue.ts";

/** What a session tells. Bytes and views are valid until the call returns. */
export interface SessionSink {
  /** A chunk has arrived; what follows in this turn was in it. The place to read a clock once. */
  onRead(): void;
  /** The number of the next sequenced message is `sequence`. */
  onLoginAccepted(session: string, sequence: number): void;
  /** reason: LOGIN_REJECT_REASON. */
  onLoginRejected(reason: number): void;
  onMessage(
    sequence: number,
    bytes: Buffer,
    view: DataView,
    offset: number,
    messageBytes: number,
  ): void;
  onDebug(text: string): void;
  onEndOfSession(): void;
  /** Once, and last: the connection is gone, or never came to be. `isClean` when the peer said FIN and no error was seen. */
  onClosed(reason: string, isClean: boolean): void;
}

export interface SessionOptions {
  readonly host: string;
  readonly port: number;
  /** False = never send heartbeats by itself: for tests of silence. */
  readonly sendsHeartbeats?: boolean;
}

/** A client that has sent nothing for a second must say that it lives; half of that leaves room for a late timer. */
const HEARTBEAT_TICK_MS = 500;

/** A server closes behind its End of Session; one that does not has nothing more to say. */
const OVER_MS_MAX = 1000;

/** Largest OUCH inbound message is 133 bytes; tests send longer ones on purpose by sendBytes(). */
const MESSAGE_BYTES_MAX = 1024;

const receiveWindow = new ReceiveWindow();
const packetReader = new PacketReader(0xffff);

export class OuchSession implements PacketSink {
  /** Number of the next sequenced message; 0 before the login is accepted. */
  nextSequence = 0;
  /** Session id that the server gave; "" before. */
  sessionId = "";
  isUp = false;
  isClosed = false;
  /** What the server did that no server may, for which we closed; "" = nothing. */
  violation = "";

  readonly socket: net.Socket;
  private readonly sink: SessionSink;
  private readonly sendQueue: SendQueue;
  private readonly loginAccepted = new LoginAccepted();
  private readonly loginRejected = new LoginRejected();
  private readonly heartbeatTimer: NodeJS.Timeout | undefined;
  private kept = Buffer.alloc(0);
  private keptBytes = 0;
  private hasSent = false;
  private isOver = false;
  private overTimer: NodeJS.Timeout | undefined = undefined;
  private closeReason = "";

  constructor(options: SessionOptions, sink: SessionSink) {
    this.sink = sink;
    this.socket = net.connect({
      host: options.host,
      port: options.port,
      noDelay: true,
      onread: {
        buffer: receiveWindow.chunk,
        callback: (count) => this.onChunk(count),
      },
    });
    this.sendQueue = new SendQueue(this.socket);
    this.socket.on("error", (error: NodeJS.ErrnoException) => {
      this.closeReason ||= error.code ?? error.message;
    });
    this.socket.on("end", () => {
      this.closeReason ||= "closed by the peer";
    });
    this.socket.on("close", (hadError) => this.onSocketClose(hadError));
    if (options.sendsHeartbeats ?? true) {
      this.heartbeatTimer = setInterval(() => this.onHeartbeatTick(), HEARTBEAT_TICK_MS);
      this.heartbeatTimer.unref();
    }
  }

  // -- sending -------------------------------------------------------------------------------------------------

  login(fields: LoginFields): void {
    const offset = this.sendQueue.claim(LOGIN_REQUEST_PACKET_BYTES_MAX);
    this.sendQueue.commit(writeLoginRequest(this.sendQueue.view, offset, fields));
    this.flush();
  }

  logout(): void {
    const offset = this.sendQueue.claim(SIMPLE_PACKET_BYTES);
    this.sendQueue.commit(writeLogout(this.sendQueue.view, offset));
    this.flush();
  }

  /** Where the next OUCH message may be written, in sendView; commitMessage() or the next claim ends it. */
  claimMessage(): number {
    return (
      this.sendQueue.claim(UNSEQUENCED_HEADER_BYTES + MESSAGE_BYTES_MAX) + UNSEQUENCED_HEADER_BYTES
    );
  }

  /** Valid right after claimMessage(): another claim may change it. */
  get sendView(): DataView {
    return this.sendQueue.view;
  }

  /** The message at `messageOffset` is complete; it leaves with the next flush(). */
  commitMessage(messageOffset: number, messageBytes: number): void {
    const packetOffset = messageOffset - UNSEQUENCED_HEADER_BYTES;
    this.sendQueue.commit(writeUnsequencedHeader(this.sendQueue.view, packetOffset, messageBytes));
  }

  /** Any bytes, whole packets or not. They leave with the next flush(). */
  sendBytes(bytes: Uint8Array): void {
    this.sendQueue.append(bytes);
  }

  flush(): void {
    this.hasSent = true;
    this.sendQueue.flush();
    if (this.sendQueue.isFull) this.close("the peer does not read");
  }

  /** Ends the connection at once, by reset of nothing and without Logout; onClosed follows. */
  close(reason: string): void {
    this.closeReason ||= reason;
    this.socket.destroy();
  }

  /** Reads nothing more, as a client does that hangs: the peer's bytes pile up on the way. */
  pauseReading(): void {
    this.socket.pause();
  }

  resumeReading(): void {
    this.socket.resume();
  }

  // -- receiving -----------------------------------------------------------------------------------------------

  onPacket(
    type: number,
    bytes: Buffer,
    view: DataView,
    payloadOffset: number,
    payloadBytes: number,
  ): boolean {
    switch (type) {
      case SERVER_SEQUENCED: {
        if (this.isOver) return this.refuse("the server sent a message after End of Session");
        const sequence = this.nextSequence;
        this.nextSequence++;
        this.sink.onMessage(sequence, bytes, view, payloadOffset, payloadBytes);
        break;
      }
      case SERVER_HEARTBEAT:
        break;
      case DEBUG:
        this.sink.onDebug(bytes.toString("latin1", payloadOffset, payloadOffset + payloadBytes));
        break;
      case SERVER_LOGIN_ACCEPTED:
        if (this.isUp) return this.refuse("the server accepted the login twice");
        if (payloadBytes < LOGIN_ACCEPTED_BYTES) {
          return this.refuse("the server accepted the login in too few bytes");
        }
        this.loginAccepted.wrap(view, payloadOffset);
        if (this.loginAccepted.sequence < 1) {
          return this.refuse(
            "the server accepted the login without the number of its next message",
          );
        }
        this.sessionId = this.loginAccepted.session;
        this.nextSequence = this.loginAccepted.sequence;
        this.isUp = true;
        this.sink.onLoginAccepted(this.sessionId, this.nextSequence);
        break;
      case SERVER_LOGIN_REJECTED:
        this.sink.onLoginRejected(this.loginRejected.wrap(view, payloadOffset).reason);
        break;
      case SERVER_END_OF_SESSION:
        if (!this.isOver) {
          this.overTimer = setTimeout(() => this.close("the session ended"), OVER_MS_MAX).unref();
        }
        this.isOver = true;
        this.sink.onEndOfSession();
        break;
      default:
        return this.refuse(`the server sent a packet of unknown type 0x${type.toString(16)}`);
    }
    return !this.socket.destroyed;
  }

  /** Returns true: go on reading. */
  private onChunk(count: number): boolean {
    const { bytes, view, chunkOffset } = receiveWindow;
    this.sink.onRead();
    const start = chunkOffset - this.keptBytes;
    if (this.keptBytes > 0) this.kept.copy(bytes, start, 0, this.keptBytes);
    const end = chunkOffset + count;
    const unread = packetReader.read(bytes, view, start, end, this);
    this.keptBytes = 0;
    if (unread < 0) this.refuse("the server sent a packet of length 0");
    else if (unread < end && !this.socket.destroyed) this.keep(bytes, unread, end);
    return true;
  }

  /** Returns false: nothing more is read. */
  private refuse(violation: string): false {
    this.violation = violation;
    this.close(violation);
    return false;
  }

  private keep(bytes: Buffer, start: number, end: number): void {
    const count = end - start;
    if (this.kept.length < count) this.kept = Buffer.alloc(Math.max(2048, 2 * count));
    bytes.copy(this.kept, 0, start, end);
    this.keptBytes = count;
  }

  private onHeartbeatTick(): void {
    if (!this.isUp || this.socket.destroyed) return;
    if (!this.hasSent) {
      const offset = this.sendQueue.claim(SIMPLE_PACKET_BYTES);
      this.sendQueue.commit(writeClientHeartbeat(this.sendQueue.view, offset));
      this.sendQueue.flush();
    }
    this.hasSent = false;
  }

  private onSocketClose(hadError: boolean): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.isUp = false;
    clearInterval(this.heartbeatTimer);
    clearTimeout(this.overTimer);
    this.sink.onClosed(this.closeReason || "closed", !hadError);
  }
}
