import type { LogLevel, Logger as TemporalLogger, LogMetadata } from '@temporalio/worker';
import type { Logger } from '../runtime/log.ts';

type OwnLevel = Lowercase<LogLevel>;

/**
 * Temporal's own log lines and those of workflows, as lines of ours. What it does day by day is only of
 * interest to those who look for a fault.
 */
export function temporalLogger(log: Logger): TemporalLogger {
  const write = (level: LogLevel, message: string, meta: LogMetadata = {}) => {
    const { taskToken: _secret, sdkComponent, error, ...rest } = meta;
    const fields = { ...rest, ...(error !== undefined && { err: error as unknown }) };
    const quiet = level === 'INFO' && sdkComponent !== 'workflow';
    log[quiet ? 'debug' : (level.toLowerCase() as OwnLevel)](fields, message);
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
