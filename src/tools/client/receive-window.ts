// The buffer into which every session of this process reads. Its callback consumes a chunk before the next socket
// may overwrite it; an unfinished packet at a chunk's end is kept by its session and put right in front of that
// session's next chunk, so that the parser always sees one contiguous run of bytes.

/** Largest packet that the length field can express, with the field itself. */
export const PACKET_WIRE_BYTES_MAX = 2 + 0xffff;

const CHUNK_BYTES = 64 * 1024;

export class ReceiveWindow {
  readonly bytes = Buffer.alloc(PACKET_WIRE_BYTES_MAX + CHUNK_BYTES);
  readonly view = new DataView(this.bytes.buffer, this.bytes.byteOffset, this.bytes.byteLength);
  /** Where sockets read to; what a session kept goes right before. */
  readonly chunkOffset = PACKET_WIRE_BYTES_MAX;
  readonly chunk = this.bytes.subarray(PACKET_WIRE_BYTES_MAX);
}
