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
    const quiet = level === 'INFO' && sdkComponent !== 'workflow';
    const own = quiet ? 'debug' : (level.toLowerCase() as OwnLevel);
    // It tells of each activity, which hardly anybody wants to hear.
    if (!log.isLevelEnabled(own)) return;
    log[own]({ ...rest, ...(error !== undefined && { err: error as unknown }) }, message);
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
