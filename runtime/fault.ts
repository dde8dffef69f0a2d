const FAULTS = {
  'address.not_found': { status: 404, retryable: false },
  'artifact.missing': { status: 500, retryable: false },
  'backfill.empty': { status: 422, retryable: false },
  'backfill.invalid': { status: 422, retryable: false },
  'backfill.not_found': { status: 404, retryable: false },
  'backfill.overlaps': { status: 409, retryable: false },
  'backfill.refused': { status: 409, retryable: false },
  'block.failed': { status: 500, retryable: true },
  'block.invalid': { status: 422, retryable: false },
  'block.timed_out': { status: 504, retryable: true },
  'channel.not_found': { status: 404, retryable: false },
  'config.invalid': { status: 422, retryable: false },
  'connection.invalid': { status: 422, retryable: false },
  'connection.unavailable': { status: 503, retryable: true },
  'database.unavailable': { status: 503, retryable: true },
  'definition.invalid': { status: 422, retryable: false },
  'environment.failed': { status: 422, retryable: false },
  'event.not_found': { status: 404, retryable: false },
  'event.unmatched': { status: 409, retryable: false },
  'expression.invalid': { status: 422, retryable: false },
  'fields.invalid': { status: 422, retryable: false },
  'file.invalid': { status: 422, retryable: false },
  'file.missing': { status: 422, retryable: false },
  'host.lost': { status: 500, retryable: true },
  'language.missing': { status: 422, retryable: false },
  'mute.not_found': { status: 404, retryable: false },
  'notice.not_found': { status: 404, retryable: false },
  'notice.recovered': { status: 409, retryable: false },
  'output.invalid': { status: 422, retryable: false },
  'params.invalid': { status: 422, retryable: false },
  'pipeline.invalid': { status: 422, retryable: false },
  'pipeline.not_found': { status: 404, retryable: false },
  'plan.not_found': { status: 404, retryable: false },
  'port.taken': { status: 409, retryable: false },
  'postgres.failed': { status: 500, retryable: false },
  'project.not_found': { status: 422, retryable: false },
  'record.not_found': { status: 404, retryable: false },
  'request.conflict': { status: 409, retryable: false },
  'request.invalid': { status: 400, retryable: false },
  'request.refused': { status: 403, retryable: false },
  'request.too_large': { status: 413, retryable: false },
  'request.too_many': { status: 429, retryable: false },
  'request.unauthorized': { status: 401, retryable: false },
  'request.unsupported': { status: 415, retryable: false },
  'route.method_not_allowed': { status: 405, retryable: false },
  'route.not_found': { status: 404, retryable: false },
  'run.elsewhere': { status: 409, retryable: false },
  'run.not_flagged': { status: 409, retryable: false },
  'run.not_found': { status: 404, retryable: false },
  'run.not_running': { status: 409, retryable: false },
  'stack.failed': { status: 500, retryable: false },
  'stack.missing': { status: 503, retryable: false },
  'sql.invalid': { status: 422, retryable: false },
  'temporal.failed': { status: 500, retryable: false },
  'temporal.missing': { status: 422, retryable: false },
  'temporal.unavailable': { status: 503, retryable: true },
  'trigger.no_token': { status: 409, retryable: false },
  'trigger.not_found': { status: 404, retryable: false },
  'trigger.paused': { status: 409, retryable: false },
  'trigger.unusable': { status: 503, retryable: true },
  'trigger.wrong_kind': { status: 409, retryable: false },
  'watermark.invalid': { status: 422, retryable: false },
  internal: { status: 500, retryable: true },
} as const;

export type FaultCode = keyof typeof FAULTS;

export interface FaultOptions extends ErrorOptions {
  readonly errors?: readonly object[];
}

/** An error with a name that callers may rely on; its message says what to do about it. */
export class Fault extends Error {
  override readonly name = 'Fault';
  readonly code: FaultCode;
  /** The single errors, where one message stands for several. */
  readonly errors: readonly object[];

  constructor(code: FaultCode, message: string, options: FaultOptions = {}) {
    super(message, options);
    this.code = code;
    this.errors = options.errors ?? [];
  }

  /** The HTTP status that the API answers with. */
  get status(): number {
    return FAULTS[this.code].status;
  }

  /** Whether a second try may succeed without anyone mending anything. */
  get retryable(): boolean {
    return FAULTS[this.code].retryable;
  }
}

/** Unknown errors stay unknown: `internal`, with the original as its cause. */
export function toFault(error: unknown): Fault {
  if (error instanceof Fault) return error;
  return new Fault('internal', 'Unexpected failure', { cause: error });
}

/** The text of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Whether a name out of a message or a database row is one of ours. */
export function isFaultCode(code: string): code is FaultCode {
  return Object.hasOwn(FAULTS, code);
}
