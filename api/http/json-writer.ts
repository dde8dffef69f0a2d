const FIRST_BYTES = 64 * 1024;
const BYTES_OF_CHARACTER = 3;
/** Bytes are made of many pieces at once. */
const LONG = 4 * 1024;

/**
 * JSON as bytes, piece by piece: for answers so large that making their objects, and one text of them, would
 * take longer than finding what they tell.
 */
export class JsonWriter {
  private bytes = Buffer.allocUnsafe(FIRST_BYTES);
  private end = 0;
  private pending = '';

  /** JSON that is ready, or a part of it. */
  text(json: string): this {
    this.pending += json;
    if (this.pending.length > LONG) this.flush();
    return this;
  }

  /** The JSON of each element, with commas between them. */
  list<Element>(elements: Iterable<Element>, toJson: (element: Element) => string): this {
    let before = '[';
    for (const element of elements) {
      this.text(before + toJson(element));
      before = ',';
    }
    return this.text(before === '[' ? '[]' : ']');
  }

  written(): Buffer {
    this.flush();
    return this.bytes.subarray(0, this.end);
  }

  private flush(): void {
    this.reserve(this.pending.length * BYTES_OF_CHARACTER);
    this.end += this.bytes.write(this.pending, this.end);
    this.pending = '';
  }

  private reserve(bytes: number): void {
    const needed = this.end + bytes;
    if (needed <= this.bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(needed, this.bytes.length * 2));
    this.bytes.copy(larger, 0, 0, this.end);
    this.bytes = larger;
  }
}
