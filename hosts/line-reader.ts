const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;

/** A line without its line feed. Of a line over the limit, only its start and its last bytes are kept. */
export interface Line {
  readonly text: string;
  /** Bytes that were left out between `text` and `tail`. */
  readonly dropped: number;
  /** The last bytes of a line that was cut; empty otherwise. */
  readonly tail: string;
}

export interface LineReader {
  readonly push: (chunk: Buffer) => void;
  /** Hands over the last line, if it had no line feed. */
  readonly end: () => void;
}

/** Splits bytes into lines in bounded memory, however long a line is. */
export function createLineReader(
  onLine: (line: Line) => void,
  { limit, tail }: { readonly limit: number; readonly tail: number },
): LineReader {
  let kept: Buffer[] = [];
  let keptBytes = 0;
  let rest = Buffer.alloc(0);
  let restBytes = 0;

  function keep(part: Buffer): void {
    const room = limit - keptBytes;
    if (room > 0 && part.length > 0) {
      kept.push(part.subarray(0, room));
      keptBytes += Math.min(room, part.length);
    }
    if (part.length > room) {
      const over = part.subarray(Math.max(room, 0));
      restBytes += over.length;
      rest = Buffer.concat([rest, over.subarray(-tail)]).subarray(-tail);
    }
  }

  function finish(): void {
    const line = Buffer.concat(kept);
    const end = restBytes === 0 && line.at(-1) === CARRIAGE_RETURN ? -1 : undefined;
    const text = line.subarray(0, end).toString('utf8');
    const left = restBytes - rest.length;
    kept = [];
    keptBytes = 0;
    const last = rest.toString('utf8');
    rest = Buffer.alloc(0);
    restBytes = 0;
    onLine({ text, dropped: left, tail: last });
  }

  return {
    push(chunk) {
      let start = 0;
      for (let at = chunk.indexOf(LINE_FEED); at !== -1; at = chunk.indexOf(LINE_FEED, start)) {
        keep(chunk.subarray(start, at));
        finish();
        start = at + 1;
      }
      keep(chunk.subarray(start));
    },
    end() {
      if (keptBytes > 0) finish();
    },
  };
}
