// Bytes written as hexadecimal text, spaces wherever they help.

export const bytesOf = (hex: string): Buffer =>
  // A buffer of its own, so that a view on it starts at its first byte.
  Buffer.from(Uint8Array.from(Buffer.from(hex.replaceAll(" ", ""), "hex")).buffer);

export const viewOf = (bytes: Buffer): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

export const hexOf = (view: DataView, offset = 0, end = view.byteLength): string =>
  Buffer.from(view.buffer, view.byteOffset + offset, end - offset).toString("hex");

export const withoutSpaces = (hex: string): string => hex.replaceAll(" ", "");
