import { expect, test } from 'vitest';
import { brief, errorsIn, shown, unmark } from '../../test/support/definitions.ts';
import { readPipeline } from '../read-pipeline.ts';

const CHILD = readPipeline(
  'child',
  'pipelines/child.yaml',
  new TextEncoder().encode(`params:
  month: { type: string, pattern: '^\\d{4}-\\d{2}$' }
  rows: { type: integer, default: 10, maximum: 100 }
  note: { type: string, required: false }
blocks: { a: { kind: custom, file: a.ts } }
`),
).draft?.definition;

function expectErrors(marked: string, codes: string[]): void {
  const { text, places } = unmark(marked);
  const errors = errorsIn(text, { pipelines: new Map([['child', CHILD]]) });
  expect(brief(errors), shown(errors)).toEqual(
    codes.map((code, at) => `${places[at] ?? ''} ${code}`),
  );
}

test('a param that the sub-pipeline needs must be given', () => {
  expectErrors('blocks: { «c: { kind: pipeline, pipeline: child } }', ['param.missing']);
});

test('params are checked against those of the sub-pipeline', () => {
  expectErrors(
    `blocks:
  c:
    kind: pipeline
    pipeline: child
    params: { month: «"2001", rows: «1000, note: null, «rwos: 1 }
`,
    ['param.invalid', 'param.invalid', 'param.unknown'],
  );
});

test('an expression stands for a value of any type', () => {
  expectErrors(
    `params: { n: { type: integer, default: 1 } }
blocks: { c: { kind: pipeline, pipeline: child, params: { month: '\${{ watermark }}', rows: '\${{ params.n + 1 }}' } } }
`,
    [],
  );
});

test('an expression is checked where it stands in its text', () => {
  expectErrors(
    `params: { month: { type: string, default: x } }
blocks:
  a: { kind: custom, file: a.ts }
  b: { kind: custom, file: b.ts }
  c:
    kind: pipeline
    pipeline: child
    after: [a]
    params:
      month: 'x \${{ «params.mnth }} \${{ params.month }} \${{ «nope }}'
      note: '\${{ blocks.a.value }} \${{ «blocks.b.value }} \${{ «blocks.z.value }} \${{ «blocks.a.rows }} \${{ «blocks }}'
      rows: '\${{ 1 + «}}'
`,
    [
      'expression.unknown_name',
      'expression.unknown_name',
      'expression.unknown_name',
      'expression.unknown_name',
      'expression.unknown_name',
      'expression.unknown_name',
      'expression.invalid',
    ],
  );
});

test('an expression that is never closed, of bad types, or too long is refused', () => {
  const one = (text: string) =>
    `blocks: { c: { kind: pipeline, pipeline: child, params: { month: '${text}' } } }`;

  expectErrors(one('«${{ watermark'), ['expression.invalid']);
  expectErrors(one('${{ «"a" - 1 }}'), ['expression.invalid']);
  expectErrors(one(`\${{« ${'1 + '.repeat(1000)}1 }}`), ['expression.invalid']);
});

test('pipelines that run each other are named at each of them', () => {
  const errors = errorsIn('blocks: { a: { kind: pipeline, pipeline: other } }', {
    pipelines: new Map([['other', undefined]]),
    recursions: [['other', 'sample']],
  });

  expect(errors.map(({ message }) => message)).toEqual([
    'these pipelines would run each other without end: other → sample → other',
  ]);
});
