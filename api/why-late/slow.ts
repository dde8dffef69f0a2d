import { listBlockTimes, type PastRun } from '../../db/standings/late-evidence.ts';
import { listAttempts } from '../../db/runs/run-blocks.ts';
import { median, type Cause } from '../../metadata/why-late.ts';
import { causesBelow } from './causes-below.ts';
import { span } from './span.ts';
import { causeOf, type Detective, type DetectiveDeps, type Subject } from './subject.ts';

/** This much longer than usual is worth telling. */
const TIMES_LONGER = 2;
const AT_LEAST_MS = 1_000;
const FEWEST_RUNS = 3;

/**
 * The run that is or was late took longer than usual: which of its blocks did, and how long they usually
 * take.
 */
export const findSlow: Detective = async (deps, subject) => {
  const { runs, now, timeliness } = subject;
  const { reason, executionId } = timeliness.standing;
  const endedLate = reason === 'ended_late' ? runs.filter(({ id }) => id === executionId) : [];
  const open = runs.filter(({ state }) => state === 'running');
  const causes = await Promise.all(
    [...open, ...endedLate].map(async (run) => {
      const blocks = run.isReported ? [] : await slowBlocks(deps, subject, run);
      return blocks.length > 0 ? blocks : slowRun(subject, run, now);
    }),
  );
  return causes.flat();
};

async function slowBlocks({ db }: DetectiveDeps, subject: Subject, run: PastRun): Promise<Cause[]> {
  const past = successesBefore(subject, run).map(({ id }) => id);
  const [attempts, usual] = await Promise.all([listAttempts(db, run.id), listBlockTimes(db, past)]);
  const causes = attempts.map(async ({ block, state, started_at, ...attempt }) => {
    if (!started_at || !['running', 'succeeded'].includes(state)) return [];
    const took = (attempt.finished_at ?? subject.now).getTime() - started_at.getTime();
    const what = `Block ${block} of run ${run.id}`;
    const facts = { what, took, run, block, since: started_at };
    const found = tooLong(subject, facts, usual.get(block) ?? []);
    const because =
      found.length > 0 ? await causesBelow(db, subject, attempt.child_execution_id) : [];
    return found.map((cause) => ({ ...cause, because }));
  });
  return (await Promise.all(causes)).flat();
}

function slowRun(subject: Subject, run: PastRun, now: Date): Cause[] {
  if (!run.start) return [];
  const took = (run.end ?? now).getTime() - run.start.getTime();
  const usual = successesBefore(subject, run).flatMap(({ start, end }) =>
    start && end ? [end.getTime() - start.getTime()] : [],
  );
  const what = `Run ${run.id}`;
  return tooLong(subject, { what, took, run, block: null, since: run.start }, usual);
}

function successesBefore({ runs }: Subject, { id }: PastRun): PastRun[] {
  return runs.filter((run) => run.id < id && run.state === 'succeeded');
}

interface Took {
  readonly what: string;
  readonly took: number;
  readonly run: PastRun;
  readonly block: string | null;
  readonly since: Date;
}

function tooLong(
  subject: Subject,
  { what, took, run, block, since }: Took,
  times: readonly number[],
): Cause[] {
  const usual = median(times);
  const isLong = took > AT_LEAST_MS && usual !== null && took > TIMES_LONGER * usual;
  if (!isLong || times.length < FEWEST_RUNS) return [];
  const verb = run.end === null ? 'has taken' : 'took';
  return [
    causeOf(subject, 'slow', `${what} ${verb} ${span(took)}, usually ${span(usual)}`, {
      ...{ since, run: run.id, block },
      evidence: [
        { key: 'took', value: span(took) },
        { key: 'usually', value: `${span(usual)}, the median of ${times.length} runs` },
      ],
    }),
  ];
}
