import type { LogLevel, Logger as TemporalLogger, LogMetadata } from '@temporalio/worker';
import type { Logger } from '../runtime/log.ts';

/** Temporal's own log lines and those of workflows, as lines of ours. */
export function temporalLogger(log: Logger): TemporalLogger {
  const write = (level: LogLevel, message: string, meta?: LogMetadata) => {
    log[level.toLowerCase() as Lowercase<LogLevel>](meta ?? {}, message);
  };
  const at = (level: LogLevel) => (message: string, meta?: LogMetadata) => {
    write(level, message, meta);
  };
  return {
    log: write,
    trace: at('TRACE'),
    debug: at('DEBUG'),
    info: at('INFO'),
    warn: at('WARN'),
    error: at('ERROR'),
  };
}
