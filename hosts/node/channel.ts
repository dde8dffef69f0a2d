import { writeSync } from 'node:fs';
import type { HostAnswer } from '../protocol.ts';

const ANSWERS = 4;

/** Writes one line on descriptor 4, whole, before it returns. */
export function send(answer: HostAnswer): void {
  const line = Buffer.from(`${JSON.stringify(answer)}\n`);
  for (let sent = 0; sent < line.length;) {
    sent += writeSync(ANSWERS, line, sent);
  }
}
