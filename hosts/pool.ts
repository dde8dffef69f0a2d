import type { Language } from '../plan/plan.ts';
import type { Logger } from '../runtime/log.ts';
import { createCrew, type Crew, type StartWith } from './crew.ts';
import type { BlockRequest, HostDone, HostIo } from './host.ts';
import { createTurns } from './turns.ts';

export interface HostPoolOptions {
  readonly commands: Readonly<Record<Language, StartWith>>;
  /** How many blocks run at once. */
  readonly max: number;
  /** How long a host waits for its next block. The last one of its language stays. */
  readonly idleMs?: number;
  /** How many blocks a host runs before another takes its place, once none is waiting. */
  readonly runs?: number;
  /** How long a block waits for a busy host before another is started. */
  readonly patienceMs?: number;
  readonly log?: Logger;
}

/** Warm hosts of all languages. */
export interface HostPool {
  /** Its time begins when there is a host for it. */
  run(language: Language, request: BlockRequest, io: HostIo): Promise<HostDone>;
  /** Starts a host before anybody asks for it. Failing to is for the first `run` to report. */
  warm(language: Language): Promise<void>;
  /** Ends every host, busy or not. */
  close(): Promise<void>;
}

export function createHostPool({ commands, max, ...options }: HostPoolOptions): HostPool {
  const turns = createTurns(max);
  const crew = (language: Language) =>
    createCrew({ language, startWith: commands[language], ...options });
  const crews: Readonly<Record<Language, Crew>> = {
    python: crew('python'),
    typescript: crew('typescript'),
  };

  return {
    async run(language, request, io) {
      await turns.take(io.signal);
      try {
        return await crews[language].run(request, io);
      } finally {
        turns.give();
      }
    },

    warm: (language) => crews[language].warm(),

    async close() {
      await Promise.all(Object.values(crews).map((crew) => crew.close()));
    },
  };
}
