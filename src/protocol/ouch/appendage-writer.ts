// Writes the tagged fields that end an OUCH message. One writer per thread, used again for each message.
// Hot path; allocates nothing.

import { assert } from "../../base/assert.ts";
import { UNWRAPPED, writeText, writeU64 } from "../wire-fields.ts";
import { APPENDAGE_LENGTH_BYTES, ELEMENT_TAG_OFFSET, ELEMENT_VALUE_OFFSET } from "./appendage.ts";
import { TAG, TAG_VALUE_BYTES } from "./tag.ts";

export class AppendageWriter {
  private view = UNWRAPPED;
  private lengthOffset = 0;
  private offset = 0;

  /** `lengthOffset` is where the fixed part ends and the appendage length stands. */
  begin(view: DataView, lengthOffset: number): this {
    this.view = view;
    this.lengthOffset = lengthOffset;
    this.offset = lengthOffset + APPENDAGE_LENGTH_BYTES;
    return this;
  }

  /** Letters and one-byte numbers. */
  u8(tag: number, value: number): this {
    this.view.setUint8(this.element(tag, 1), value);
    return this;
  }
  u16(tag: number, value: number): this {
    this.view.setUint16(this.element(tag, 2), value);
    return this;
  }
  /** Numbers, and four letters as one. */
  u32(tag: number, value: number): this {
    this.view.setUint32(this.element(tag, 4), value);
    return this;
  }
  /** Signed prices. */
  i32(tag: number, value: number): this {
    this.view.setInt32(this.element(tag, 4), value);
    return this;
  }
  u64(tag: number, high: number, low: number): this {
    const offset = this.element(tag, 8);
    this.view.setUint32(offset, high);
    this.view.setUint32(offset + 4, low);
    return this;
  }
  price(tag: number, value: number): this {
    writeU64(this.view, this.element(tag, 8), value);
    return this;
  }
  /** For tools: letters of any size, padded with spaces. */
  text(tag: number, value: string): this {
    const valueBytes = TAG_VALUE_BYTES[tag] ?? 0;
    writeText(this.view, this.element(tag, valueBytes), valueBytes, value);
    return this;
  }

  /** Writes the length. Returns the offset after the last byte: the end of the message. */
  end(): number {
    const tagsOffset = this.lengthOffset + APPENDAGE_LENGTH_BYTES;
    this.view.setUint16(this.lengthOffset, this.offset - tagsOffset);
    return this.offset;
  }

  /**
   * The whole appendage of a message that has one only for the sake of UserRefIdx: nothing at all when it is 0.
   * Returns the end of the message.
   */
  userRefIdxOnly(view: DataView, lengthOffset: number, userRefIdx: number): number {
    if (userRefIdx === 0) return lengthOffset;
    return this.begin(view, lengthOffset).u8(TAG.USER_REF_IDX, userRefIdx).end();
  }

  /** Writes the element's length and tag. Returns where its value goes. */
  private element(tag: number, valueBytes: number): number {
    assert(TAG_VALUE_BYTES[tag] === valueBytes, "tag has another size");
    const valueOffset = this.offset + ELEMENT_VALUE_OFFSET;
    const next = valueOffset + valueBytes;
    this.view.setUint8(this.offset, next - this.offset - ELEMENT_TAG_OFFSET);
    this.view.setUint8(this.offset + ELEMENT_TAG_OFFSET, tag);
    this.offset = next;
    return valueOffset;
  }
}
