// V8's own collection on demand, where the start script's flags give it (E20). Any thread, of its own heap.

/** Synchronous. */
export type Collect = (options: { readonly type: "minor" | "major" }) => void;

/** Undefined without the flag: then V8 collects when it wants to. */
export function collector(): Collect | undefined {
  const { gc } = globalThis as { gc?: unknown };
  return typeof gc === "function" ? (gc as Collect) : undefined;
}

/**
 * When everything is made and nothing has come: what the start has left behind would be collected in the first second
 * of trading, and what was begun with it would end there (decision 0017).
 */
export function collectStart(collect: Collect | undefined = collector()): void {
  collect?.({ type: "major" });
}
