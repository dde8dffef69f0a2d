import { pino, type Logger } from 'pino';

export type { Logger } from 'pino';

/** JSON lines on stderr, so that stdout stays free for what a person or a machine reads. */
export function createLog(name: string, level: string): Logger {
  return pino(
    { name, level, redact: ['*.password', '*.url', '*.token', '*.authorization'] },
    pino.destination(2),
  );
}
