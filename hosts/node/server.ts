import type { HostRequest, HostResult, HostWork } from '../protocol.ts';
import { describeError } from './block-error.ts';
import { send } from './channel.ts';
import type { WatchedEnvironment } from './environment.ts';
import { watchLeftovers } from './leftovers.ts';
import { endPrints, hasPrinted } from './prints.ts';
import { runRequest } from './run-request.ts';
import { measureUsage } from './usage.ts';

const CANCELLED = 143;
const FAILED = 70;
/** The worker gives a second; the process has to be gone by then. */
const CANCEL_MS = 700;

export interface Server {
  serve(request: HostRequest): Promise<void>;
  /** Tells the block's signal, gives it a moment, and ends the process. */
  cancel(): void;
  /** An error that nobody caught fails the block that runs. */
  interrupt(error: unknown): void;
}

interface Busy {
  readonly cancellation: AbortController;
  readonly fail: (error: unknown) => void;
}

export interface ServerOptions {
  readonly memoryBytes: number;
  /** What blocks see, and may change, as `process.env`. */
  readonly environment: WatchedEnvironment;
}

export function createServer({ memoryBytes, environment }: ServerOptions): Server {
  let busy: Busy | undefined;
  let spent = false;

  return {
    async serve(request) {
      const usage = measureUsage();
      const leftovers = watchLeftovers();
      const cancellation = new AbortController();
      const interrupted = new Promise<never>((_, reject) => {
        busy = { cancellation, fail: reject };
      });
      interrupted.catch(() => undefined);
      const { id } = request;
      let end: { result: HostResult } | { error: unknown };
      try {
        process.chdir(request.projectDir);
        const running = runRequest(request, { signal: cancellation.signal, memoryBytes });
        running.catch(() => undefined);
        end = { result: await Promise.race([running, interrupted]) };
      } catch (error) {
        end = { error };
      }
      if (cancellation.signal.aborted) process.exit(CANCELLED);
      spent ||= (await leftovers.found()) || environment.differs();
      const quiet = !spent && !hasPrinted();
      if (!quiet) await endPrints(id);
      busy = undefined;
      const last = { id, usage: usage(), ...(spent && { spent }), ...(quiet && { quiet }) };
      if ('result' in end) send({ type: 'result', ...last, result: end.result });
      else
        send({ type: 'error', ...last, error: describeError(end.error, folderOf(request.work)) });
    },

    cancel() {
      if (!busy) process.exit(0);
      busy.cancellation.abort(new DOMException('The run was cancelled', 'AbortError'));
      setTimeout(() => process.exit(CANCELLED), CANCEL_MS);
    },

    interrupt(error) {
      if (!busy) {
        console.error(error);
        process.exit(FAILED);
      }
      spent = true;
      busy.fail(error);
    },
  };
}

/** Where the block's code lies on this machine; people know its files by their place in the project. */
function folderOf(work: HostWork): string | undefined {
  return work.type === 'code' ? work.folder : undefined;
}
