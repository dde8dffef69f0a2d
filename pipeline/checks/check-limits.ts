import { blocksOf, type Check, type Draft, type World } from '../check.ts';
import { didYouMean } from '../did-you-mean.ts';
import type { Finding } from '../document.ts';
import { poolUse } from '../pool.ts';
import { inText, paramProblem } from './check-expressions.ts';

/** The key of a limit can be told from params, and every pool exists and has the slots that a block wants. */
export const checkLimits: Check = (draft, world) => [...ofKey(draft), ...ofPools(draft, world)];

function ofKey(draft: Draft): Finding[] {
  const text = draft.definition.concurrency?.key;
  if (text === undefined) return [];
  const path = ['concurrency', 'key'];
  if (!text.includes('${{')) {
    const message = `"key" must hold an expression, such as '\${{ params.customer }}': one text for all would change nothing`;
    return [{ path, code: 'expression.invalid', message }];
  }
  return inText({ text, path }, 'limit', ({ path: [root, name] }) =>
    root === 'params' ? paramProblem(draft, name) : null,
  );
}

function ofPools(draft: Draft, { pools }: World): Finding[] {
  if (!pools) return [];
  return blocksOf(draft).flatMap(([block, its]): Finding[] => {
    if (!('pool' in its) || its.pool === undefined) return [];
    const { name, slots } = poolUse(its.pool);
    const path = ['blocks', block, 'pool'];
    const inside = (key: string) => (typeof its.pool === 'string' ? path : [...path, key]);
    const most = pools.get(name);
    if (most === undefined) {
      const message = `highwater.yaml has no pool "${name}"${didYouMean(name, pools.keys())}`;
      return [{ path: inside('name'), code: 'pool.unknown', message }];
    }
    if (slots <= most) return [];
    const message = `the pool ${name} has ${most === 1 ? 'one slot' : `${most} slots`}: this block would wait for ever`;
    return [{ path: inside('slots'), code: 'pool.too_small', message }];
  });
}
