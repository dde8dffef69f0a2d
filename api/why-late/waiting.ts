import { findLimitReasons, listPoolReasons } from '../../db/limits/reasons.ts';
import type { PastRun } from '../../db/standings/late-evidence.ts';
import { listAttempts } from '../../db/runs/run-blocks.ts';
import { timeText } from '../../metadata/standing-texts.ts';
import type { Cause } from '../../metadata/why-late.ts';
import { causeOf, type Detective, type DetectiveDeps, type Subject } from './subject.ts';

/** A run that waits for its turn, and a block that waits for slots of a pool or for what its sensor looks for. */
export const findWaiting: Detective = async ({ db }, subject) => {
  const open = subject.runs.filter(({ isReported }) => !isReported);
  const queued = open.filter(({ state, reason }) => state === 'queued' && reason !== null);
  const running = open.filter(({ state }) => state === 'running');
  const ids = queued.map(({ id }) => id);
  const [reasons, inside] = await Promise.all([
    findLimitReasons(db, ids),
    Promise.all(running.map((run) => insideOf(db, subject, run))),
  ]);
  const outside = queued.map(({ id, reason, requestedAt: since }) => {
    const said = reasons.get(id) ?? reason;
    return causeOf(subject, 'waiting', `Run ${id} ${said?.message ?? 'waits'}`, {
      ...{ since, run: id },
      evidence: [
        { key: 'asked for', value: timeText(since) },
        { key: 'waits for', value: said?.code ?? 'unknown' },
      ],
    });
  });
  return [...outside, ...inside.flat()];
};

async function insideOf(
  db: DetectiveDeps['db'],
  subject: Subject,
  { id: run, start }: PastRun,
): Promise<Cause[]> {
  const [pools, attempts] = await Promise.all([listPoolReasons(db, [run]), listAttempts(db, run)]);
  const forPools = pools.map(({ block, reason }) =>
    causeOf(subject, 'waiting', `Block ${block} of run ${run} ${reason.message}`, {
      ...{ since: start, run, block },
      evidence: [{ key: 'waits for', value: 'pool' }],
    }),
  );
  const sensors = attempts.filter(({ state, checks }) => state === 'running' && checks !== null);
  const forSensors = sensors.map(({ block, checks, reason, started_at }) =>
    causeOf(subject, 'waiting', `Sensor ${block} of run ${run} waits: ${reason?.message ?? ''}`, {
      ...{ since: started_at, run, block },
      evidence: [
        { key: 'waits for', value: 'sensor' },
        { key: 'checks', value: String(checks) },
      ],
    }),
  );
  return [...forPools, ...forSensors];
}
