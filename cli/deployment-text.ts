import pc from 'picocolors';
import type { Deployment } from '../api/contract/trigger.ts';
import { formatErrors } from '../pipeline/definition-error.ts';
import { inColumns } from './columns.ts';

const MARKS = {
  create: pc.green('+ create'),
  update: pc.yellow('~ update'),
  drift: pc.yellow('! drift'),
  delete: pc.red('- delete'),
  broken: pc.red('x broken'),
};

/** What is different; what stays as it is, is only counted. */
export function drawDeployment({ pipelines, triggers }: Deployment): string[] {
  const rows = [
    ...pipelines.flatMap((part) =>
      part.action === 'unchanged'
        ? []
        : [[MARKS[part.action], 'pipeline', part.pipeline, detailOf(part)]],
    ),
    ...triggers.flatMap(({ pipeline, trigger, kind, action, detail }) =>
      action === 'unchanged' ? [] : [[MARKS[action], kind, `${pipeline}/${trigger}`, detail ?? '']],
    ),
  ];
  const broken = pipelines.flatMap(({ errors }) => errors);
  const same = [...pipelines, ...triggers].filter(({ action }) => action === 'unchanged').length;
  return [
    ...inColumns(rows),
    ...(broken.length === 0 ? [] : ['', formatErrors(broken), '']),
    pc.dim(`${rows.length} different, ${same} unchanged`),
  ];
}

export function isDifferent({ pipelines, triggers }: Deployment): boolean {
  return [...pipelines, ...triggers].some(
    ({ action }) => action !== 'unchanged' && action !== 'broken',
  );
}

function detailOf({ action, kept }: Deployment['pipelines'][number]): string {
  if (action !== 'broken') return '';
  return kept ? 'its last good version stays' : 'it has no good version yet';
}
