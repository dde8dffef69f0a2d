/** In characters: bytes are made of many pieces at once. */
const CHUNK = 16 * 1024;

/**
 * JSON as bytes, piece by piece: for answers so large that making their objects, and one text of them, would
 * take longer than finding what they tell.
 */
export class JsonWriter {
  private readonly chunks: Buffer[] = [];
  private pending = '';

  /** JSON that is ready, or a part of it. */
  text(json: string): this {
    this.pending += json;
    if (this.pending.length > CHUNK) this.flush();
    return this;
  }

  written(): Buffer {
    this.flush();
    return Buffer.concat(this.chunks);
  }

  private flush(): void {
    this.chunks.push(Buffer.from(this.pending));
    this.pending = '';
  }
}
