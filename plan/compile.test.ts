import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { definitions } from '../test/support/definitions.ts';
import { compile } from './compile.ts';
import { hashOf } from './hash.ts';
import type { PlannedBlock } from './plan.ts';

const compiled = (blocks: string, rest = '') =>
  compile('sample', definitions({ sample: `${rest}\nblocks:\n${blocks}` }));
const blockOf = (blocks: string, name: string, rest = ''): PlannedBlock => {
  const found = compiled(blocks, rest).plan.blocks.find((block) => block.name === name);
  if (!found) throw new Error(`no block ${name}`);
  return found;
};
const workOf = (block: string) =>
  blockOf(`  z: { kind: loader, file: z.sql }\n  a: ${block}`, 'a').work;

describe('order', () => {
  const waits = fc
    .array(fc.array(fc.nat(), { maxLength: 3 }), { minLength: 1, maxLength: 20 })
    .chain((lists) =>
      fc
        .shuffledSubarray(
          lists.map((_, index) => index),
          { minLength: lists.length },
        )
        .map((order) => ({ lists, order })),
    );

  test('each block comes after all that it waits for, however they are written', () => {
    fc.assert(
      fc.property(waits, ({ lists, order }) => {
        const lines = order.map((index) => {
          const after = index === 0 ? [] : (lists[index] ?? []).map((n) => `b${n % index}`);
          return `  b${index}: { kind: custom, file: b.ts, after: [${after.join(', ')}] }`;
        });
        const { blocks } = compiled(lines.join('\n')).plan;
        const places = new Map(blocks.map(({ name }, place) => [name, place]));

        expect(places.size).toBe(lists.length);
        for (const { name, after } of blocks) {
          for (const other of after) expect(places.get(other)).toBeLessThan(places.get(name) ?? -1);
        }
      }),
    );
  });

  test('a chain of 2,000 blocks compiles', () => {
    const lines = Array.from(
      { length: 2000 },
      (_, n) => `  b${n}: { kind: custom, file: b.ts, after: [${n > 0 ? `b${n - 1}` : ''}] }`,
    );

    expect(compiled(lines.reverse().join('\n')).plan.blocks.map(({ name }) => name)).toEqual(
      Array.from({ length: 2000 }, (_, n) => `b${n}`),
    );
  });

  test('inputs are waited for too, and named once', () => {
    const block = blockOf(
      '  a: { kind: loader, file: a.sql }\n  b: { kind: custom, file: b.ts, after: [a], inputs: { x: a, y: a } }',
      'b',
    );

    expect(block.after).toEqual(['a']);
    expect(block.inputs).toEqual([
      { alias: 'x', block: 'a' },
      { alias: 'y', block: 'a' },
    ]);
  });
});

describe('work', () => {
  test('the ending of a file says who runs it', () => {
    expect(workOf('{ kind: custom, file: a.ts }')).toMatchObject({
      type: 'code',
      language: 'typescript',
    });
    expect(workOf('{ kind: custom, file: a.py }')).toMatchObject({
      type: 'code',
      language: 'python',
    });
    expect(workOf('{ kind: custom, file: a.sql }')).toMatchObject({
      type: 'sql',
      connection: null,
    });
    expect(workOf('{ kind: custom, file: a.sql, connection: warehouse }')).toMatchObject({
      connection: 'warehouse',
    });
  });

  test('files and tables need no code', () => {
    expect(workOf("{ kind: loader, from: { file: 'data/*.csv.gz' } }")).toEqual({
      type: 'read_file',
      file: 'data/*.csv.gz',
      format: 'csv',
    });
    expect(workOf('{ kind: loader, from: { file: data/x, format: json } }')).toMatchObject({
      format: 'json',
    });
    expect(workOf('{ kind: loader, from: { connection: warehouse, table: shop.Orders } }')).toEqual(
      {
        type: 'read_table',
        connection: 'warehouse',
        query: 'select * from "shop"."Orders"',
      },
    );
    expect(
      workOf('{ kind: loader, from: { connection: warehouse, query: select 1 } }'),
    ).toMatchObject({ query: 'select 1' });
    expect(workOf('{ kind: exporter, inputs: [z], to: { file: out/x.parquet } }')).toEqual({
      type: 'write_file',
      file: 'out/x.parquet',
      format: 'parquet',
    });
    expect(
      workOf(
        '{ kind: exporter, inputs: [z], to: { connection: warehouse, table: t, mode: merge, keys: [id] } }',
      ),
    ).toEqual({
      type: 'write_table',
      connection: 'warehouse',
      table: 't',
      mode: 'merge',
      keys: ['id'],
    });
    expect(
      workOf(
        '{ kind: exporter, inputs: [z], to: { connection: warehouse, table: t, mode: merge, keys: [id], soft_delete: gone } }',
      ),
    ).toMatchObject({ keys: ['id'], softDelete: 'gone' });
    expect(
      workOf('{ kind: exporter, inputs: [z], to: { connection: warehouse, table: t } }'),
    ).toMatchObject({ mode: 'append', keys: [] });
  });

  test('only the connections that blocks use are in the plan', () => {
    expect(compiled('  a: { kind: custom, file: a.sql }').plan.connections).toEqual({});
    expect(
      compiled('  a: { kind: custom, file: a.sql, connection: warehouse }').plan.connections,
    ).toEqual({
      warehouse: { type: 'postgres', url: 'postgres://x' },
    });
  });
});

describe('policy', () => {
  const policyOf = (block: string, rest = '') => blockOf(`  a: ${block}`, 'a', rest).policy;

  test('unsaid, a block is tried three times, ten minutes each, an hour in all', () => {
    expect(policyOf('{ kind: custom, file: a.ts }')).toEqual({
      retry: { attempts: 3, initialMs: 1000, backoff: 2, maxMs: 60_000 },
      timeoutMs: 600_000,
      deadlineMs: 3_600_000,
      onFailure: 'fail',
    });
  });

  test('the block has the last word, then its pipeline, then the project', () => {
    const project =
      'name: x\ndefaults: { retry: { attempts: 7, backoff: 3, max_interval: 2m }, timeout: 1m, deadline: 10m }';
    const text = `defaults: { retry: { backoff: 4, max_interval: 3m }, timeout: 2m }
blocks: { a: { kind: custom, file: a.ts, retry: { max_interval: 4m }, on_failure: continue } }`;

    expect(
      compile('sample', definitions({ sample: text }, project)).plan.blocks[0]?.policy,
    ).toEqual({
      retry: { attempts: 7, initialMs: 1000, backoff: 4, maxMs: 240_000 },
      timeoutMs: 120_000,
      deadlineMs: 600_000,
      onFailure: 'continue',
    });
  });

  test('a long timeout makes room for its attempts', () => {
    expect(policyOf('{ kind: custom, file: a.ts, timeout: 2h }')).toMatchObject({
      timeoutMs: 7_200_000,
      deadlineMs: 21_600_000,
    });
  });

  test('a sub-pipeline is tried once, and may take all of its time', () => {
    const parent = `defaults: { retry: { attempts: 9 }, timeout: 1m, deadline: 5h }
blocks: { a: { kind: pipeline, pipeline: child }, b: { kind: pipeline, pipeline: child, retry: { attempts: 2 }, timeout: 3m } }`;
    const { plan } = compile(
      'parent',
      definitions({ parent, child: 'blocks: { c: { kind: custom, file: c.ts } }' }),
    );

    expect(
      plan.blocks.map(({ policy }) => [policy.retry.attempts, policy.timeoutMs, policy.deadlineMs]),
    ).toEqual([
      [1, 18_000_000, 18_000_000],
      [2, 180_000, 18_000_000],
    ]);
  });
});

describe('hash', () => {
  const A = '  a: { kind: custom, file: a.ts }';

  test('a plan is known by what it holds', () => {
    const { hash, ...unhashed } = compiled(A).plan;

    expect(hash).toBe(hashOf(unhashed));
    expect(compiled(A).plan.hash).toBe(hash);
    expect(compiled(A, 'description: other').plan.hash).not.toBe(hash);
    expect(compiled('  a: { file: a.ts, kind: custom }').plan.hash).toBe(hash);
  });

  test('an edit of a sub-pipeline changes every plan that runs it', () => {
    const hashes = (file: string) => {
      const { plan, children } = compile(
        'top',
        definitions({
          top: 'blocks: { m: { kind: pipeline, pipeline: middle }, n: { kind: pipeline, pipeline: middle } }',
          middle: 'blocks: { b: { kind: pipeline, pipeline: bottom } }',
          bottom: `blocks: { c: { kind: custom, file: ${file} } }`,
        }),
      );
      expect(children.map((child) => child.plan.pipeline)).toEqual(['middle']);
      expect(children[0]?.children.map((child) => child.plan.pipeline)).toEqual(['bottom']);
      expect(plan.blocks[0]?.work).toMatchObject({ plan: children[0]?.plan.hash });
      return plan.hash;
    };

    expect(hashes('c.ts')).not.toBe(hashes('d.ts'));
  });
});

test('a sub-pipeline reads the blocks whose values its params mention', () => {
  const parent = `blocks:
  a: { kind: custom, file: a.ts }
  b: { kind: custom, file: b.ts }
  c: { kind: pipeline, pipeline: child, after: [a, b], params: { deep: { list: ['x \${{ blocks.a.value }}'] } } }`;
  const { plan } = compile(
    'parent',
    definitions({
      parent,
      child: 'params: { deep: { type: object } }\nblocks: { c: { kind: custom, file: c.ts } }',
    }),
  );

  expect(plan.blocks.find(({ name }) => name === 'c')).toMatchObject({
    inputs: [{ alias: 'a', block: 'a' }],
    after: ['a', 'b'],
  });
});

test('params know whether they must be given', () => {
  expect(
    compiled(
      '  a: { kind: custom, file: a.ts }',
      'params: { a: { type: string }, b: { type: string, default: x }, c: { type: date, required: false } }',
    ).plan.params,
  ).toEqual({
    a: { type: 'string', required: true },
    b: { type: 'string', required: false, default: 'x' },
    c: { type: 'date', required: false },
  });
});
