import { listAttempts, type AttemptRecord } from '../../db/runs/run-blocks.ts';
import { timeText } from '../../metadata/standing-texts.ts';
import type { PastRun } from '../../db/standings/late-evidence.ts';
import { FAILED_STATES } from '../../plan/run-state.ts';
import { causesBelow } from './causes-below.ts';
import { causeOf, type Detective } from './subject.ts';

const FAILED: readonly string[] = FAILED_STATES;

/** The last run that ended did not succeed: how often so far, and which block says why. */
export const findFailing: Detective = async ({ db }, subject) => {
  const { runs, pipeline } = subject;
  const ended = runs.filter(({ end }) => end !== null);
  const firstOther = ended.findIndex(({ state }) => !FAILED.includes(state));
  const failed = firstOther < 0 ? ended : ended.slice(0, firstOther);
  const [last] = failed;
  if (!last) return [];

  const attempts = last.isReported ? [] : await listAttempts(db, last.id);
  const broken = attempts.filter(({ state, error }) => FAILED.includes(state) && error).at(-1);
  const error = broken?.error ?? last.error;
  const times = failed.length === 1 ? '' : `, the last of ${failed.length} in a row`;
  const reason = error ? `: ${error.message}` : '';
  const where = broken ? `block ${broken.block} of run ${last.id}` : `run ${last.id}`;
  const message = `${pipeline.name} fails: ${where} ended as ${last.state}${times}${reason}`;
  return [
    causeOf(subject, 'failing', message, {
      because: await causesBelow(db, subject, broken?.child_execution_id),
      since: failed.at(-1)?.end ?? null,
      run: last.id,
      block: broken?.block ?? error?.block ?? null,
      evidence: [
        { key: 'ended', value: timeText(last.end) },
        { key: 'failures in a row', value: String(failed.length) },
        ...(error ? [{ key: 'error', value: error.code }] : []),
        ...evidenceOf(broken, runs),
      ],
    }),
  ];
};

function evidenceOf(broken: AttemptRecord | undefined, runs: readonly PastRun[]) {
  const success = runs.find(({ state }) => state === 'succeeded');
  return [
    ...(broken ? [{ key: 'attempts', value: String(broken.attempt) }] : []),
    ...(success ? [{ key: 'last success', value: timeText(success.end) }] : []),
  ];
}
