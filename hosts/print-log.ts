import { createLineReader, type Line } from './line-reader.ts';
import { endOfOutput, type LogLevel } from './protocol.ts';
import type { JsonObject } from '../runtime/json.ts';

export const LINE_BYTES = 16 * 1024;
const TAIL_BYTES = 128;
const MARK = '\0highwater:end:';

export type OnLog = (level: LogLevel, message: string, fields?: JsonObject) => void;

/** One of the two output streams of a host: what a block prints, line by line. */
export interface Prints {
  push(chunk: Buffer): void;
  /** Hands over a last line that has no line feed, and settles everything that waits. */
  close(): void;
  /** Settles when the request's end mark was read, or the stream is closed. */
  ended(id: number): Promise<void>;
}

export function createPrints(onPrint: (text: string) => void): Prints {
  let closed = false;
  let lastEnd = -1;
  const waiting = new Map<number, () => void>();

  const reader = createLineReader(
    (line) => {
      const { text, end } = splitAtMark(line);
      if (text !== '' || end === undefined) onPrint(text);
      if (end === undefined) return;
      lastEnd = end;
      waiting.get(end)?.();
      waiting.delete(end);
    },
    { limit: LINE_BYTES, tail: TAIL_BYTES },
  );

  return {
    push: reader.push,
    close() {
      reader.end();
      closed = true;
      for (const settle of waiting.values()) settle();
      waiting.clear();
    },
    ended(id) {
      if (closed || lastEnd === id) return Promise.resolve();
      return new Promise((resolve) => waiting.set(id, resolve));
    },
  };
}

/** A mark may follow a last line that has no line feed of its own. */
function splitAtMark({ text, dropped, tail }: Line): { text: string; end?: number } {
  const whole = tail === '' ? text : tail;
  const at = whole.lastIndexOf(MARK);
  const id = at === -1 ? NaN : Number(whole.slice(at + MARK.length));
  const marked = Number.isInteger(id) && whole.slice(at) === endOfOutput(id);
  const last = marked ? whole.slice(0, at) : whole;
  const shown = tail === '' ? last : cut(text, dropped, last);
  return marked ? { text: shown, end: id } : { text: shown };
}

function cut(text: string, dropped: number, last: string): string {
  const bytes = dropped + Buffer.byteLength(last);
  return bytes === 0 ? text : `${text}… (${bytes} more bytes of this line were dropped)`;
}
