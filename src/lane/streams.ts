// What the deterministic part of a lane tells whoever carries its streams out: the delivery in a gateway, nobody in
// a replay. Nothing comes back, so delivering can decide nothing.

export interface Streams {
  /** A login was accepted; the stream starts at a sequence. `taken`: the connection's taken bytes at ATTACH. */
  onAttached(
    account: number,
    connection: number,
    epoch: number,
    sequence: number,
    taken: number,
  ): void;
  /** Nobody reads any more. */
  onDetached(account: number): void;
  /** As onDetached(), but what can be delivered at once still is. */
  onClosing(account: number): void;
  /** The account's outbox has one more packet; `requestType`: of the request that it answers, 0 = of none. */
  onWritten(account: number, requestType: number): void;
  /** So many of the account's requests wait behind its mass cancel now. */
  onHeld(account: number, requests: number): void;
}
