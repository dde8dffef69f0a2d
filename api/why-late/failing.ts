import { listAttempts } from '../../db/runs/run-blocks.ts';
import { timeText } from '../../metadata/standing-texts.ts';
import { countEnds } from '../../db/standings/late-evidence.ts';
import { FAILED_STATES } from '../../plan/run-state.ts';
import { causesBelow } from './causes-below.ts';
import { causeOf, type Detective } from './subject.ts';

const FAILED: readonly string[] = FAILED_STATES;

/** Runs have failed since the last success: how often so far, and which block of the last one says why. */
export const findFailing: Detective = async ({ db }, subject) => {
  const { runs, pipeline, success } = subject;
  const last = runs.find(({ id, state }) => FAILED.includes(state) && id > (success?.id ?? 0));
  if (!last) return [];
  const since = { run: success?.id };
  const { count, first } = await countEnds(db, pipeline.id, FAILED_STATES, since);

  const attempts = last.isReported ? [] : await listAttempts(db, last.id);
  const broken = attempts.filter(({ state, error }) => FAILED.includes(state) && error).at(-1);
  const error = broken?.error ?? last.error;
  const times = count === 1 ? '' : `, the last of ${count} in a row`;
  const reason = error ? `: ${error.message}` : '';
  const where = broken ? `block ${broken.block} of run ${last.id}` : `run ${last.id}`;
  const message = `${pipeline.name} fails: ${where} ended as ${last.state}${times}${reason}`;
  return [
    causeOf(subject, 'failing', message, {
      because: await causesBelow(db, subject, broken?.child_execution_id),
      since: first,
      run: last.id,
      block: broken?.block ?? error?.block ?? null,
      evidence: [
        { key: 'ended', value: timeText(last.end) },
        { key: 'failures in a row', value: String(count) },
        ...(error ? [{ key: 'error', value: error.code }] : []),
        ...(broken ? [{ key: 'attempts', value: String(broken.attempt) }] : []),
        ...(success ? [{ key: 'last success', value: timeText(success.end) }] : []),
      ],
    }),
  ];
};
