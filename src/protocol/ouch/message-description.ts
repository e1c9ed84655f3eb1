import type { Fields } from "./code-meanings.ts";

/** What a tool needs to know of one message in one direction. */
export interface MessageDescription {
  readonly name: string;
  readonly type: number;
  /** Without the appendage and its length. */
  readonly fixedBytes: number;
  /** undefined = the message never has one. */
  readonly appendage: { readonly isOptional: boolean; readonly tags: number } | undefined;
  /** Adds the fields of the fixed part, in the order of the wire. */
  readonly describe: (view: DataView, base: number, fields: Fields) => void;
}
