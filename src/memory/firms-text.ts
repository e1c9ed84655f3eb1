// The firms of an account as one text, by which lane and main thread find out whether they mean the same.

const FIRM_BYTES = 4;
const ANY = "*";

/** "LIME ABCD" or "LIME *": the account's own, then the others that it may act for, in any order. */
export function firmsText(firms: readonly string[], anyFirm: boolean): string {
  const [own, ...others] = firms;
  return [own, ...(anyFirm ? [ANY] : others.sort())].join(" ");
}

/** Of a firm as the wire has it: u32 of four letters, blanks at the end. */
export function firmName(firm: number): string {
  const bytes = Buffer.alloc(FIRM_BYTES);
  bytes.writeUInt32BE(firm);
  return bytes.toString("latin1").trimEnd();
}
