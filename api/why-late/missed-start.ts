import { timeText } from '../../metadata/standing-texts.ts';
import { causeOf, type Detective } from './subject.ts';

/** A start that a trigger promised, and that did not come. */
export const findMissedStart: Detective = (_deps, subject) => {
  const { missed } = subject.timeliness;
  if (!missed) return Promise.resolve([]);
  const { at, by } = missed;
  const message = `${subject.pipeline.name} did not start at ${timeText(at)}, as ${by} promised`;
  const evidence = [{ key: 'promised by', value: by }];
  return Promise.resolve([causeOf(subject, 'missed_start', message, { since: at, evidence })]);
};
