// The answers that supervisors and load balancers ask for. Scribe thread.

import type { Readiness } from "./readiness.ts";
import { type AdminRoute, jsonReply, type ScribePart } from "./scribe-part.ts";

const OK = 200;
const UNAVAILABLE = 503;

export class HealthRoutes implements ScribePart {
  readonly routes: Readonly<Record<string, AdminRoute>>;

  constructor(readReadiness: () => Readiness) {
    this.routes = {
      "/healthz": () => jsonReply({ alive: true }),
      "/readyz": () => {
        const readiness = readReadiness();
        return jsonReply(readiness, readiness.ready ? OK : UNAVAILABLE);
      },
    };
  }
}
