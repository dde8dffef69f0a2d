import { findTrigger } from '../../db/triggers/triggers.ts';
import type { Evidence } from '../../metadata/why-late.ts';
import { timeText } from '../../metadata/standing-texts.ts';
import type { LeftOut } from '../contract/trigger.ts';
import { findLeftOut } from '../triggers/left-out.ts';
import { causeOf, type Detective, type DetectiveDeps } from './subject.ts';

/** A start that a trigger promised, and that did not come. */
export const findMissedStart: Detective = async (deps, subject) => {
  const { missed } = subject.timeliness;
  if (!missed) return [];
  const { at, by, triggerId } = missed;
  const message = `${subject.pipeline.name} did not start at ${timeText(at)}, as ${by} promised`;
  const leftOut = triggerId === null ? null : await countLeftOut(deps, triggerId);
  const evidence = [
    { key: 'promised by', value: by },
    ...(leftOut ? leftOutEvidence(leftOut) : []),
  ];
  return [causeOf(subject, 'missed_start', message, { since: at, evidence })];
};

async function countLeftOut(deps: DetectiveDeps, triggerId: number): Promise<LeftOut | null> {
  const trigger = await findTrigger(deps.db, { id: triggerId });
  return trigger ? findLeftOut(deps, trigger) : null;
}

/** How often Temporal has let a start of that trigger pass, where it ever has. */
export function leftOutEvidence(counts: LeftOut): Evidence[] {
  return [
    { key: 'ever left out while a run was under way', value: counts.overlap },
    { key: 'ever missed while Temporal was down', value: counts.catchup_window },
  ].flatMap(({ key, value }) => (value > 0 ? [{ key, value: String(value) }] : []));
}
