const SPARSE_MS = 2_000;

/** Shows how far something has come that takes long. */
export interface CountProgress {
  show(text: string): void;
  /** Leaves no half line behind. */
  end(): void;
}

type Output = Pick<NodeJS.WriteStream, 'isTTY'> & { write(text: string): unknown };

/** On a terminal one line that counts; elsewhere a line every two seconds, and none for what is quick. */
export function countProgress(out: Output, now: () => number = Date.now): CountProgress {
  if (out.isTTY) {
    const clear = '\r\u001b[2K';
    return {
      show: (text) => out.write(`${clear}${text}`),
      end: () => out.write(clear),
    };
  }
  let toldAt = now();
  return {
    show: (text) => {
      if (now() - toldAt < SPARSE_MS) return;
      toldAt = now();
      out.write(`${text}\n`);
    },
    end: () => undefined,
  };
}
