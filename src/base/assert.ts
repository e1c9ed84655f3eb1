/** A broken invariant is our bug. Keep the message a literal: passing then costs one compare. */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Error(`invariant: ${message}`);
}
