import { listTriggers } from '../../db/triggers/triggers.ts';
import { timeText } from '../../metadata/standing-texts.ts';
import { findLeftOut } from '../triggers/left-out.ts';
import { causeOf, type Detective, type DetectiveDeps, type Subject } from './subject.ts';

/** A start that a trigger promised, and that did not come. */
export const findMissedStart: Detective = async (deps, subject) => {
  const { missed } = subject.timeliness;
  if (!missed) return [];
  const { at, by } = missed;
  const message = `${subject.pipeline.name} did not start at ${timeText(at)}, as ${by} promised`;
  const evidence = [{ key: 'promised by', value: by }, ...(await leftOut(deps, subject, by))];
  return [causeOf(subject, 'missed_start', message, { since: at, evidence })];
};

/** How often Temporal has let a start of that trigger pass, where it ever has. */
async function leftOut(deps: DetectiveDeps, { pipeline }: Subject, by: string) {
  const triggers = await listTriggers(deps.db, { pipeline: pipeline.name, kind: 'schedule' });
  const trigger = triggers.find(({ name }) => by === `trigger ${name}`);
  const counts = trigger && (await findLeftOut(deps, trigger));
  if (!counts) return [];
  return [
    { key: 'ever left out while a run was under way', value: counts.overlap },
    { key: 'ever missed while Temporal was down', value: counts.catchup_window },
  ].flatMap(({ key, value }) => (value > 0 ? [{ key, value: String(value) }] : []));
}
