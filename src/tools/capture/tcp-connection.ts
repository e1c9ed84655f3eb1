// One TCP connection of a packet capture, from its handshake, or from wherever it was under way, to its end.

import {
  CAPTURE_FLAG,
  CAPTURE_KIND,
  CLOSED_BY,
  type ConnectFacts,
} from "../../capture/capture-record.ts";
import { TCP_FLAG } from "./frame-layout.ts";
import { type AddRecord, ImportedStream } from "./imported-stream.ts";
import { TcpHalf } from "./tcp-half.ts";
import { addressOf, portOf, type TcpSegment } from "./tcp-segment.ts";

const NOTHING = Buffer.alloc(0);
/** No end waits longer before it repeats its SYN: with the same number later, it is another connection. */
const SYN_AGAIN_NS_MAX = 120e9;

export class TcpConnection {
  readonly client: string;
  readonly fromClient: ImportedStream;
  readonly fromServer: ImportedStream;
  isAnnounced = false;
  isMid = false;
  isClosed = false;
  /** Whether a packet of that end is in the file. */
  readonly isHeard = { client: false, server: false };
  private readonly add: AddRecord;
  private readonly clientHalf: TcpHalf;
  private readonly serverHalf: TcpHalf;
  private clientSyn: number | undefined = undefined;
  /** Its SYN may bring the login along (TCP Fast Open), and the server acknowledge both at once. */
  private clientSynBytes = 0;
  /** When an end said so last. */
  private synAtNs = 0;

  /** `client` is the key of its end; add() is called for each record of the connection. */
  constructor(client: string, add: AddRecord) {
    this.client = client;
    this.add = add;
    this.fromClient = new ImportedStream("in", add, (isReset) => this.onClientEnd(isReset));
    this.fromServer = new ImportedStream("out", add, (isReset) => this.onServerEnd(isReset));
    this.clientHalf = new TcpHalf(this.fromClient);
    this.serverHalf = new TcpHalf(this.fromServer);
  }

  get hasHole(): boolean {
    return this.clientHalf.hasHole || this.serverHalf.hasHole;
  }
  get repeatedBytes(): number {
    return this.clientHalf.repeatedBytes + this.serverHalf.repeatedBytes;
  }

  /** Packets with bytes whose numbers are none of this connection. */
  get strayCount(): number {
    return this.clientHalf.strayCount + this.serverHalf.strayCount;
  }

  /** Packets with bytes that come behind the end of what their sender says. */
  get behindEndCount(): number {
    return this.clientHalf.behindEndCount + this.serverHalf.behindEndCount;
  }

  /** Whether another connection between the same ends begins, with a handshake or caught in the middle. */
  isAnother({ flags, sequence, ack, source, payload }: TcpSegment, atNs: number): boolean {
    const isFromClient = source === this.client;
    if ((flags & TCP_FLAG.SYN) === 0) {
      const half = isFromClient ? this.clientHalf : this.serverHalf;
      return this.isClosed && payload.length > 0 && !half.isNear(sequence);
    }
    if (isFromClient === ((flags & TCP_FLAG.ACK) !== 0)) return false;
    // Refused, and tried again with the same number perhaps.
    if (this.isClosed && isFromClient && !this.isAnnounced) return true;
    // The client's number came with its SYN; of a connection under way any handshake is another's.
    const clientSyn = isFromClient ? sequence : (ack - 1) >>> 0;
    const hasBegun = this.clientHalf.hasStarted || this.serverHalf.hasStarted;
    // Files of different days may be in one, in any order.
    const isRepeated = Math.abs(atNs - this.synAtNs) <= SYN_AGAIN_NS_MAX;
    const beyond = this.clientSyn === undefined ? Number.NaN : (clientSyn - this.clientSyn) >>> 0;
    const isSame = beyond <= (isFromClient ? 0 : this.clientSynBytes);
    if (isSame && isRepeated) return false;
    return hasBegun || this.clientSyn !== undefined;
  }

  receive(segment: TcpSegment, atNs: number): void {
    const { flags, payload, missingBytes, sequence, ack } = segment;
    const isFromClient = segment.source === this.client;
    const half = isFromClient ? this.clientHalf : this.serverHalf;
    if (this.isClosed) {
      half.receiveBehindEnd(sequence, payload.length + missingBytes);
      return;
    }
    const other = isFromClient ? this.serverHalf : this.clientHalf;
    const isSyn = (flags & TCP_FLAG.SYN) !== 0;
    const isAck = (flags & TCP_FLAG.ACK) !== 0;
    if ((flags & TCP_FLAG.RST) !== 0) {
      this.reset(segment, half, other);
      return;
    }
    const streamBytes = payload.length + missingBytes;
    if (!this.isPossible(segment, half, other)) {
      if (streamBytes > 0) half.strayCount++;
      return;
    }
    const isNear = !half.hasStarted || half.isNear(sequence);
    this.isHeard[isFromClient ? "client" : "server"] = true;
    if (isSyn) {
      this.synAtNs = atNs;
      if (isFromClient) {
        this.clientSyn = sequence;
        this.clientSynBytes = streamBytes;
      }
      half.start((sequence + 1) >>> 0);
      if (isAck) other.start(ack);
      if (isAck && !isFromClient) this.clientSyn ??= (ack - 1) >>> 0;
    } else if (isAck && isFromClient && this.clientSyn !== undefined) {
      // The server's own SYN may be missing.
      other.start(ack);
    }
    this.announce(isSyn, isAck, streamBytes > 0);
    const first = isSyn ? (sequence + 1) >>> 0 : sequence;
    const isFin = (flags & TCP_FLAG.FIN) !== 0;
    if (streamBytes > 0 || isFin) half.receive(first, payload, missingBytes, isFin, atNs);
    // Bytes may be far ahead, behind a large hole: what they acknowledge is believed when they are known to follow.
    if (isAck && isNear) other.acknowledge(ack, atNs);
    this.look(atNs);
  }

  /** To be called with every packet of the file while there is a hole: time passes for this connection too. */
  look(atNs: number): void {
    this.clientHalf.look(atNs);
    this.serverHalf.look(atNs);
  }

  /** What follows is another connection between the same ends. */
  replace(): void {
    this.close(CLOSED_BY.UNKNOWN);
  }

  /** The file ends; the connection may go on. */
  end(): void {
    if (this.isClosed || !this.isAnnounced) return;
    this.clientHalf.end();
    this.serverHalf.end();
    this.fromClient.end();
    this.fromServer.end();
  }

  /** An earlier connection between the same ends, which one of them has forgotten, may still say something. */
  private isPossible(
    { flags, payload, missingBytes, sequence, ack }: TcpSegment,
    half: TcpHalf,
    other: TcpHalf,
  ): boolean {
    if ((flags & TCP_FLAG.SYN) !== 0) return true;
    if (half.hasStarted) return payload.length + missingBytes > 0 || half.isNear(sequence);
    const isKnownOther = this.clientSyn !== undefined && other.hasStarted;
    return !isKnownOther || (flags & TCP_FLAG.ACK) === 0 || other.isNear(ack);
  }

  private announce(isSyn: boolean, isAck: boolean, hasBytes: boolean): void {
    if (this.isAnnounced) return;
    const hasHandshake = this.clientSyn !== undefined;
    // A SYN alone may be refused; a lone acknowledgement may be the last of a connection that is gone.
    if (hasHandshake ? isSyn && !isAck && !hasBytes : !hasBytes) return;
    this.isAnnounced = true;
    this.isMid = !hasHandshake;
    if (this.isMid) {
      this.fromClient.startInTheMiddle();
      this.fromServer.startInTheMiddle();
    }
    const facts: ConnectFacts = {
      remoteAddress: addressOf(this.client),
      remotePort: portOf(this.client),
    };
    const flags = this.isMid ? CAPTURE_FLAG.MID : 0;
    this.add(CAPTURE_KIND.CONNECT, flags, 0, Buffer.from(JSON.stringify(facts)));
  }

  /** A reset far from where its sender is belongs to another connection between the same ends. */
  private reset({ flags, sequence, ack }: TcpSegment, half: TcpHalf, other: TcpHalf): void {
    if (half.hasStarted) {
      if (half.isNear(sequence)) half.reset(sequence);
      return;
    }
    // A refusal has no number of its own.
    const isRefusal = (flags & TCP_FLAG.ACK) !== 0 && other.isNear(ack);
    if (isRefusal || this.isAnnounced) this.close(CLOSED_BY.RESET);
  }

  private onClientEnd(isReset: boolean): void {
    if (isReset) this.close(CLOSED_BY.RESET);
    if (!this.isAnnounced || isReset) return;
    if (this.serverHalf.hasFinished) this.close(CLOSED_BY.SERVER);
    else this.add(CAPTURE_KIND.END, 0, 0, NOTHING);
  }

  private onServerEnd(isReset: boolean): void {
    if (isReset) this.close(CLOSED_BY.RESET);
    else if (this.isAnnounced && this.clientHalf.hasFinished) this.close(CLOSED_BY.CLIENT);
  }

  private close(by: number): void {
    if (this.isClosed) return;
    this.end();
    // The end may have brought the last FIN out of what was held.
    if (this.isClosed) return;
    this.isClosed = true;
    if (this.isAnnounced) this.add(CAPTURE_KIND.CLOSE, 0, by, NOTHING);
  }
}
