// A packet capture as the records that the gateway would have written.

import {
  CAPTURE_VERSION,
  type CaptureInfo,
  type CaptureRecord,
} from "../../capture/capture-record.ts";
import type { CaptureSource } from "./capture-source.ts";
import { openPackets } from "./packet-file.ts";
import { TcpConnection } from "./tcp-connection.ts";
import { tcpSegmentOf } from "./tcp-segment.ts";
import { pairKey, TcpSurvey } from "./tcp-survey.ts";

const PROTOCOL = "SoupBinTCP 3.00 / OUCH 5.0";
const NS_PER_SECOND = 1e9;
/** How often the connections with holes are looked at: where one direction was not recorded, that is all of them. */
const LOOK_NS = 10e6;
/** Connections with a line of their own among the problems. */
const TOLD_MAX = 5;

interface RunFindings {
  readonly problems: readonly string[];
  readonly notes: readonly string[];
}

interface Numbered {
  readonly number: number;
  readonly connection: TcpConnection;
}

export class PcapSource implements CaptureSource {
  readonly format: string;
  readonly info: CaptureInfo;
  private readonly path: string;
  private readonly survey: TcpSurvey;
  private found: RunFindings = { problems: [], notes: [] };

  /** Reads the whole file once. `port`: of the server. Throws UnusableCapture. */
  constructor(path: string, port: number | undefined) {
    this.path = path;
    const packets = openPackets(path);
    try {
      this.format = packets.format;
      this.survey = new TcpSurvey(path, packets, port);
    } finally {
      packets.close();
    }
    this.info = {
      version: CAPTURE_VERSION,
      protocol: PROTOCOL,
      origin: `${packets.format} import`,
      host: "",
      node: "",
      cpu: "",
      configHash: "",
      session: "",
      anchorNs: 0,
      anchorEpochMs: this.survey.baseSeconds * 1000,
    };
  }

  get problems(): readonly string[] {
    return [...this.survey.problems, ...this.found.problems];
  }
  get notes(): readonly string[] {
    return [...this.survey.notes, ...this.found.notes];
  }

  *records(): Generator<CaptureRecord> {
    const packets = openPackets(this.path);
    try {
      const run = new ImportRun(this.survey);
      for (;;) {
        const packet = packets.next();
        if (packet === undefined) break;
        const segment = tcpSegmentOf(packet);
        if (typeof segment === "string") continue;
        const seconds = packet.seconds - this.survey.baseSeconds;
        run.receive(segment, seconds * NS_PER_SECOND + packet.nanoseconds);
        yield* run.takeRecords();
      }
      run.end();
      yield* run.takeRecords();
      const { problems, notes } = run.findings();
      this.found = { problems: [...packets.problems, ...problems], notes };
    } finally {
      packets.close();
    }
  }

  close(): void {}
}

/** One reading of the file. */
class ImportRun {
  private readonly survey: TcpSurvey;
  /** By their ends: the last one each. */
  private readonly live = new Map<string, TcpConnection>();
  private readonly announced: Numbered[] = [];
  private readonly withHoles = new Set<TcpConnection>();
  private records: CaptureRecord[] = [];
  private atNs = 0;
  private lookedAtNs = 0;

  constructor(survey: TcpSurvey) {
    this.survey = survey;
  }

  receive(segment: Parameters<typeof pairKey>[0], atNs: number): void {
    this.atNs = atNs;
    // A clock that was set may go back.
    if (Math.abs(atNs - this.lookedAtNs) >= LOOK_NS) this.lookAtHoles();
    const key = pairKey(segment);
    const server = this.survey.serverOf(key);
    if (server === undefined) return;
    let connection = this.live.get(key);
    if (connection?.isAnother(segment, atNs)) {
      connection.replace();
      this.withHoles.delete(connection);
      connection = undefined;
    }
    if (connection === undefined) {
      connection = this.begin(segment.source === server ? segment.target : segment.source);
      this.live.set(key, connection);
    }
    connection.receive(segment, atNs);
    if (connection.hasHole) this.withHoles.add(connection);
  }

  private lookAtHoles(): void {
    this.lookedAtNs = this.atNs;
    for (const connection of this.withHoles) {
      connection.look(this.atNs);
      if (!connection.hasHole) this.withHoles.delete(connection);
    }
  }

  takeRecords(): readonly CaptureRecord[] {
    const { records } = this;
    if (records.length > 0) this.records = [];
    return records;
  }

  end(): void {
    for (const connection of this.live.values()) connection.end();
  }

  /** What the connections lack. */
  findings(): RunFindings {
    const lost: string[] = [];
    const cut: string[] = [];
    const halves: string[] = [];
    const strays: string[] = [];
    const behind: string[] = [];
    for (const { number, connection } of this.announced) {
      const { fromClient, fromServer, isHeard, strayCount, behindEndCount } = connection;
      const name = `connection ${number}`;
      for (const [side, { lostBytes, leadingBytes }] of [
        ["client", fromClient],
        ["server", fromServer],
      ] as const) {
        if (lostBytes > 0) lost.push(`${name}: ${lostBytes} bytes from the ${side} are missing`);
        if (leadingBytes > 0) {
          cut.push(
            `${name}: ${leadingBytes} bytes from the ${side} before the first whole packet are left out`,
          );
        }
      }
      if (strayCount > 0) {
        strays.push(`${name}: ${strayCount} packets with numbers of another one are left out`);
      }
      if (behindEndCount > 0)
        behind.push(`${name}: ${behindEndCount} packets behind its end are left out`);
      for (const side of ["client", "server"] as const) {
        if (!isHeard[side]) halves.push(`${name}: nothing from the ${side} is in the file`);
      }
    }
    return {
      problems: [
        ...firstOf(halves, "connections of which half is missing"),
        ...firstOf(lost, "connections with missing bytes"),
        ...firstOf(strays, "connections with strange packets"),
      ],
      notes: [
        ...firstOf(cut, "connections that begin within a packet"),
        ...firstOf(behind, "connections with packets behind their end"),
      ],
    };
  }

  private begin(client: string): TcpConnection {
    let number = 0;
    const connection: TcpConnection = new TcpConnection(client, (kind, flags, detail, payload) => {
      if (number === 0) {
        number = this.announced.length + 1;
        this.announced.push({ number, connection });
      }
      const { atNs } = this;
      this.records.push({ kind, flags, connection: number, detail, atNs, payload });
    });
    return connection;
  }
}

const firstOf = (lines: readonly string[], what: string): string[] =>
  lines.length <= TOLD_MAX
    ? [...lines]
    : [...lines.slice(0, TOLD_MAX), `and ${lines.length - TOLD_MAX} more ${what}`];
