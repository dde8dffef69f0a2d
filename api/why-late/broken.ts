import { listDefinitionErrors } from '../../db/pipelines/definition-errors.ts';
import { causeOf, type Detective } from './subject.ts';

/** A file that can't be used: what was changed in it since has no effect. */
export const findBroken: Detective = async ({ db }, subject) => {
  const { name } = subject.pipeline;
  const [first, ...others] = await listDefinitionErrors(db, name);
  if (!first) return [];
  const more = others.length === 0 ? '' : `, and ${others.length} more`;
  const where = `${first.file}:${first.line}:${first.column}`;
  const message = `The file of ${name} is broken, and its last good version stays: ${where}: ${first.message}${more}`;
  const evidence = [{ key: 'code', value: first.code }];
  return [causeOf(subject, 'broken', message, { since: first.found_at, evidence })];
};
