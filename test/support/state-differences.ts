// Two graphs of objects, property by property, private ones too: what is different. For a lane and its copy, so that a
// field that somebody adds and forgets to save is noticed by the test and not by a client.

const bytesOf = (values: ArrayBufferView): Buffer =>
  Buffer.from(values.buffer, values.byteOffset, values.byteLength);

export class StateDifferences {
  readonly found: string[] = [];
  /** Those of the exceptions that were met. */
  readonly met = new Set<string>();
  private readonly exceptions: ReadonlySet<string>;
  private readonly twins = new Map<object, object>();

  /** Exceptions are named Class.field, or Class for all of its objects. */
  constructor(exceptions: ReadonlySet<string>) {
    this.exceptions = exceptions;
  }

  compare(one: unknown, other: unknown, path: string): this {
    if (typeof one === "function" || Object.is(one, other)) return this;
    if (isObject(one) && isObject(other)) this.compareObjects(one, other, path);
    else this.found.push(`${path}: ${String(one)} and ${String(other)}`);
    return this;
  }

  private compareObjects(one: object, other: object, path: string): void {
    const twin = this.twins.get(one);
    if (twin !== undefined) {
      if (twin !== other) this.found.push(`${path} points to another object of its kind`);
      return;
    }
    this.twins.set(one, other);
    const name = one.constructor.name;
    if (this.isExcepted(name) || "wrap" in one) return; // a flyweight is a window on others' bytes
    if (name !== other.constructor.name) {
      this.found.push(`${path}: ${name} and ${other.constructor.name}`);
    } else if (ArrayBuffer.isView(one) && ArrayBuffer.isView(other)) {
      if (!bytesOf(one).equals(bytesOf(other))) this.found.push(`${path}: other bytes`);
    } else if (one instanceof Map && other instanceof Map) {
      this.compareObjects([...one], [...other], path);
    } else {
      this.compareFields(one, other, name, path);
    }
  }

  private compareFields(one: object, other: object, name: string, path: string): void {
    for (const field of new Set([...Object.keys(one), ...Object.keys(other)])) {
      if (this.isExcepted(`${name}.${field}`)) continue;
      this.compare(Reflect.get(one, field), Reflect.get(other, field), `${path}.${field}`);
    }
  }

  private isExcepted(name: string): boolean {
    if (!this.exceptions.has(name)) return false;
    this.met.add(name);
    return true;
  }
}

const isObject = (value: unknown): value is object => typeof value === "object" && value !== null;
