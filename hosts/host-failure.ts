import { Fault, isFaultCode } from '../runtime/fault.ts';
import type { HostExit } from './host-process.ts';
import type { OnLog } from './print-log.ts';
import type { HostError } from './protocol.ts';

const KILLED = 137;
const ABORTED = 134;

/** What a block failed with; where it happened goes to the log. */
export function blockFault({ code, message, stack, retryable }: HostError, log: OnLog): Fault {
  if (stack !== undefined) log('error', stack);
  const known = isFaultCode(code) ? code : 'block.failed';
  return new Fault(known === 'block.failed' && !retryable ? 'block.invalid' : known, message);
}

/** Why an attempt has no answer: its host ended. */
export function hostLost(exit: HostExit): Fault {
  return new Fault('host.lost', `The block's process ${describeExit(exit)}`);
}

export function describeExit({ code, signal, reason }: HostExit): string {
  if (reason !== undefined) return `${reason}, and was ended`;
  if (signal === 'SIGKILL' || code === KILLED)
    return 'was killed, probably because it ran out of memory';
  if (signal === 'SIGABRT' || code === ABORTED) {
    return 'aborted, probably because it ran out of memory; its last log lines say more';
  }
  if (signal !== null) return `crashed with ${signal}`;
  const advice = 'a block returns or throws, it does not end its process';
  return `ended with exit code ${code ?? 'unknown'} before it answered: ${advice}`;
}
