import { listPaused } from '../../db/triggers/paused.ts';
import { timeText } from '../../metadata/standing-texts.ts';
import { causeOf, type Detective } from './subject.ts';

/** A trigger that would have started it, and that somebody has paused. */
export const findPaused: Detective = async ({ db }, subject) => {
  const paused = await listPaused(db, subject.pipeline.id);
  return paused.map(({ name, note, since, actor }) => {
    const who = actor === null ? '' : ` by ${actor}`;
    const message = `Trigger ${name} of ${subject.pipeline.name} has been paused${who} since ${timeText(since)}`;
    const evidence = [
      { key: 'trigger', value: name },
      ...(note === null ? [] : [{ key: 'note', value: note }]),
    ];
    return causeOf(subject, 'paused', message, { since, evidence });
  });
};
