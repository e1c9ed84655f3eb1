// Scrapes an admin port so often a second, as a Prometheus or several would, on one kept connection.

import { Agent, get } from "node:http";

const TICK_MS = 5;

export class Scraper {
  /** Answers that came whole, and what went wrong. */
  answers = 0;
  failures = 0;
  private readonly agent = new Agent({ keepAlive: true, maxSockets: 4 });
  private readonly timer: NodeJS.Timeout;
  private isStopped = false;

  constructor(host: string, port: number, path: string, perSecond: number) {
    const startMs = performance.now();
    let asked = 0;
    this.timer = setInterval(() => {
      const due = ((performance.now() - startMs) / 1000) * perSecond;
      for (; asked < due; asked++) this.ask(host, port, path);
    }, TICK_MS);
  }

  stop(): void {
    this.isStopped = true;
    clearInterval(this.timer);
    this.agent.destroy();
  }

  private ask(host: string, port: number, path: string): void {
    const headers = { "accept-encoding": "gzip" }; // as Prometheus does
    get({ host, port, path, headers, agent: this.agent }, (response) => {
      response.resume();
      response.on("end", () => {
        if (response.statusCode === 200) this.answers++;
        else this.failures++;
      });
    }).on("error", () => {
      if (!this.isStopped) this.failures++;
    });
  }
}
