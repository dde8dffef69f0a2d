import { describe, expect, test } from 'vitest';
import { brief, errorsIn, shown, unmark } from '../../test/support/definitions.ts';

/** Each text marks with « where its errors begin; the codes are in the order of the marks. */
const BROKEN: Record<string, [code: string, text: string]> = {
  'a key that nobody knows': [
    'key.unknown',
    'blocks: { a: { kind: custom, file: a.ts, «retyr: 3 } }',
  ],
  'a key that is missing': [
    'key.missing',
    '«watermark: { block: a }\nblocks: { a: { kind: custom, file: a.ts } }',
  ],
  'a value of the wrong type': [
    'value.invalid',
    'tags: «demo\nblocks: { a: { kind: custom, file: a.ts } }',
  ],
  'a number out of range': [
    'value.invalid',
    'defaults: { retry: { attempts: «0 } }\nblocks: { a: { kind: custom, file: a.ts } }',
  ],
  'a kind that does not exist': ['value.invalid', 'blocks: { a: { kind: «loder, file: a.ts } }'],
  'a sensor that waits for nothing': ['block.no_work', 'blocks: { «a: { kind: sensor } }'],
  'a sensor that waits for two things': [
    'block.too_much_work',
    'blocks: { a: { kind: sensor, «file: a.ts, until: { file: a.csv } } }',
  ],
  'a sensor that would wait for itself': [
    'pipeline.recursion',
    'blocks: { a: { kind: sensor, until: { pipeline: «sample } } }',
  ],
  'a sensor of a pipeline that is not there': [
    'pipeline.unknown',
    'blocks: { a: { kind: sensor, until: { pipeline: «nothing, within: 1h } } }',
  ],
  'a sensor that looks once at most': [
    'policy.invalid',
    'blocks: { a: { kind: sensor, interval: 1h, timeout: «1m, until: { file: a.csv } } }',
  ],
  'a sensor of a param that is not there': [
    'expression.unknown_name',
    "blocks: { a: { kind: sensor, until: { file: '${{ «params.month }}.csv' } } }",
  ],
  'a query with an expression': [
    'expression.misplaced',
    "blocks: { a: { kind: sensor, until: { query: 'select «${{ params.month }}' } } }",
  ],
  'a sensor that reads what it can not': [
    'key.misplaced',
    'blocks:\n  b: { kind: loader, file: a.sql }\n  a: { kind: sensor, until: { file: a.csv }, «inputs: [b] }',
  ],
  'a sensor that holds slots': [
    'key.misplaced',
    'blocks: { a: { kind: sensor, file: a.ts, «pool: desk } }',
  ],
  'a pool that is not there': [
    'pool.unknown',
    'blocks: { a: { kind: custom, file: a.ts, pool: «dsk } }',
  ],
  'more slots than the pool has': [
    'pool.too_small',
    'blocks: { a: { kind: custom, file: a.ts, pool: { name: desk, slots: «3 } } }',
  ],
  'no slots': [
    'value.invalid',
    'blocks: { a: { kind: custom, file: a.ts, pool: { name: desk, slots: «0 } } }',
  ],
  'no runs at all': [
    'value.invalid',
    'concurrency: { max_runs: «0 }\nblocks: { a: { kind: custom, file: a.ts } }',
  ],
  'a limit by a key that is the same for all': [
    'expression.invalid',
    'concurrency: { max_runs: 1, key: «customer }\nblocks: { a: { kind: custom, file: a.ts } }',
  ],
  'a limit by a param that is not there': [
    'expression.unknown_name',
    "concurrency: { max_runs: 1, key: '${{ «params.customer }}' }\nblocks: { a: { kind: custom, file: a.ts } }",
  ],
  'a block in R': ['language.unsupported', 'blocks: { a: { kind: custom, file: «a.R } }'],
  'a block in no known language': [
    'language.unknown',
    'blocks: { a: { kind: custom, file: «a.rb } }',
  ],
  'a pipeline without blocks': ['pipeline.empty', '«blocks: {}'],
  'a bad duration': [
    'duration.invalid',
    'blocks: { a: { kind: custom, file: a.ts, timeout: «10x } }',
  ],
  'a duration without unit': [
    'duration.invalid',
    'blocks: { a: { kind: custom, file: a.ts, timeout: «10 } }',
  ],
  'no time at all': [
    'duration.invalid',
    'blocks: { a: { kind: custom, file: a.ts, timeout: «0s } }',
  ],
  'a deadline below the timeout': [
    'policy.invalid',
    'blocks: { a: { kind: custom, file: a.ts, timeout: 1h, deadline: «5m } }',
  ],
  'a longest wait below the first': [
    'policy.invalid',
    'defaults: { retry: { initial_interval: 5m, max_interval: «1m } }\nblocks: { a: { kind: custom, file: a.ts } }',
  ],
  'a baseline of fewer runs than it takes': [
    'anomalies.invalid',
    'anomalies: { total_rows: «{ baseline: last_n, last_n: 20 } }\nblocks: { a: { kind: custom, file: a.ts } }',
  ],
  'logs that outlive their runs': [
    'policy.invalid',
    'retention: { runs: 30d, logs: «90d }\nblocks: { a: { kind: custom, file: a.ts } }',
  ],
  'a name with capitals': ['name.invalid', 'blocks: { «Load: { kind: custom, file: a.ts } }'],
  'a name of 64 letters': [
    'name.invalid',
    `blocks: { «${'a'.repeat(64)}: { kind: custom, file: a.ts } }`,
  ],
  'a param that blocks see already': [
    'name.reserved',
    'params: { «run_id: { type: string, default: x } }\nblocks: { a: { kind: custom, file: a.ts } }',
  ],
  'an alias that is no name': [
    'name.invalid',
    'blocks:\n  a: { kind: loader, file: a.sql }\n  b: { kind: custom, file: b.sql, inputs: { «A-1: a } }',
  ],
  'a block that is not there': [
    'block.unknown',
    'blocks: { a: { kind: custom, file: a.ts, inputs: [«b] } }',
  ],
  'a wait for a block that is not there': [
    'block.unknown',
    'blocks: { a: { kind: custom, file: a.ts, after: [«b] } }',
  ],
  'an alias twice': [
    'alias.duplicate',
    'blocks:\n  a: { kind: loader, file: a.sql }\n  b: { kind: custom, file: b.sql, inputs: [a, «a] }',
  ],
  'an input that leaves nothing': [
    'input.no_output',
    'blocks:\n  a: { kind: loader, file: a.sql }\n  b: { kind: exporter, to: { file: b.csv }, inputs: [a] }\n  c: { kind: custom, file: c.ts, inputs: [«b] }',
  ],
  'a block that waits for itself': [
    'block.cycle',
    'blocks: { «a: { kind: custom, file: a.ts, after: [a] } }',
  ],
  'blocks that wait for each other': [
    'block.cycle',
    'blocks:\n  z: { kind: custom, file: z.ts, after: [a] }\n  «a: { kind: custom, file: a.ts, after: [b] }\n  b: { kind: custom, file: b.ts, inputs: [a] }',
  ],
  'a loader that writes': [
    'key.misplaced',
    'blocks: { a: { kind: loader, file: a.sql, «to: { file: a.csv } } }',
  ],
  'a connection for Python': [
    'key.misplaced',
    'blocks: { a: { kind: loader, file: a.py, «connection: warehouse } }',
  ],
  'keys that no merge looks at': [
    'key.misplaced',
    'blocks:\n  a: { kind: loader, file: a.sql }\n  b: { kind: exporter, inputs: [a], to: { connection: warehouse, table: t, «keys: [id] } }',
  ],
  'a mark of deletion that no merge looks at': [
    'key.misplaced',
    'blocks:\n  a: { kind: loader, file: a.sql }\n  b: { kind: exporter, inputs: [a], to: { connection: warehouse, table: t, «soft_delete: gone } }',
  ],
  'a mark of deletion that is a key': [
    'value.invalid',
    'blocks:\n  a: { kind: loader, file: a.sql }\n  b: { kind: exporter, inputs: [a], to: { connection: warehouse, table: t, mode: merge, keys: [id], soft_delete: «id } }',
  ],
  'a merge without keys': [
    'export.keys_missing',
    'blocks:\n  a: { kind: loader, file: a.sql }\n  b: { kind: exporter, inputs: [a], to: { connection: warehouse, table: t, mode: «merge } }',
  ],
  'an export of two inputs': [
    'export.one_input',
    'blocks:\n  a: { kind: loader, file: a.sql }\n  b: { kind: loader, file: b.sql }\n  c: { kind: exporter, «inputs: [a, b], to: { file: c.csv } }',
  ],
  'an export of nothing': [
    'export.one_input',
    'blocks: { c: { kind: exporter, «to: { file: c.csv } } }',
  ],
  'a block without work': ['block.no_work', 'blocks: { «a: { kind: transformer } }'],
  'a sub-pipeline without name': ['block.no_work', 'blocks: { «a: { kind: pipeline } }'],
  'two ways to load': [
    'block.too_much_work',
    'blocks: { a: { kind: loader, «file: a.sql, from: { file: a.csv } } }',
  ],
  'table and query': [
    'block.too_much_work',
    'blocks: { a: { kind: loader, from: { connection: warehouse, table: t, «query: select 1 } } }',
  ],
  'neither table nor query': [
    'key.missing',
    'blocks: { a: { kind: loader, «from: { connection: warehouse } } }',
  ],
  'a file of no known format': [
    'format.unknown',
    'blocks: { a: { kind: loader, from: { file: «a.xls } } }',
  ],
  'a file above the project': [
    'file.outside',
    'blocks: { a: { kind: loader, file: «../../a.sql } }',
  ],
  'an absolute file': ['file.outside', 'blocks: { a: { kind: loader, file: «/etc/a.sql } }'],
  'a connection that is not there': [
    'connection.unknown',
    'blocks: { a: { kind: loader, from: { connection: «shop, table: t } } }',
  ],
  'a pipeline that is not there': [
    'pipeline.unknown',
    'blocks: { a: { kind: pipeline, pipeline: «b } }',
  ],
  'a default of the wrong type': [
    'param.invalid',
    'params: { n: { type: integer, default: «x } }\nblocks: { a: { kind: custom, file: a.ts } }',
  ],
  'a default that is not a day': [
    'param.invalid',
    'params: { d: { type: date, default: «2001-02-30 } }\nblocks: { a: { kind: custom, file: a.ts } }',
  ],
  'a choice of the wrong type': [
    'param.invalid',
    'params: { n: { type: integer, enum: [1, «x] } }\nblocks: { a: { kind: custom, file: a.ts } }',
  ],
  'a pattern that is none': [
    'pattern.invalid',
    "params: { n: { type: string, pattern: «'(' } }\nblocks: { a: { kind: custom, file: a.ts } }",
  ],
  'a watermark of no block': [
    'block.unknown',
    'watermark: { block: «b, column: x }\nblocks: { a: { kind: custom, file: a.ts } }',
  ],
  'a watermark of an exporter': [
    'watermark.no_output',
    'watermark: { block: «b, column: x }\nblocks:\n  a: { kind: loader, file: a.sql }\n  b: { kind: exporter, to: { file: b.csv }, inputs: [a] }',
  ],
  'an expression outside its places': [
    'expression.misplaced',
    "blocks: { a: { kind: loader, from: { file: '«${{ params.x }}.csv' } } }",
  ],
  'a key twice': [
    'yaml.duplicate_key',
    'tags: [a]\n«tags: [b]\nblocks: { a: { kind: custom, file: a.ts } }',
  ],
  'a shape that is two': [
    'key.misplaced',
    'blocks: { a: { kind: loader, from: { file: a.csv, «connection: warehouse } } }',
  ],
  'a place without any key': ['key.missing', 'blocks: { a: { kind: loader, «from: {} } }'],
  'nothing where text should be': ['value.invalid', 'blocks: { a: { kind: loader, file: «"" } }'],
  'a tag that makes no map': ['yaml.invalid', 'blocks: «!!binary aGVsbG8='],
  'a path that is none': ['file.outside', 'blocks: { a: { kind: loader, file: «"x\\0.sql" } }'],
  'a tab': ['yaml.tab', 'blocks:\n«\ta: { kind: custom, file: a.ts }'],
  'two documents': [
    'yaml.many_documents',
    'blocks: { a: { kind: custom, file: a.ts } }\n«---\nblocks: {}',
  ],
  'a list': ['yaml.not_a_map', '«- a\n- b'],
  'an empty file': ['yaml.empty', '«'],
  'a file of comments': ['yaml.empty', '«# nothing here\n'],
  'an alias without anchor': [
    'yaml.invalid',
    'tags: «*nowhere\nblocks: { a: { kind: custom, file: a.ts } }',
  ],
  'a tag that YAML does not know': [
    'yaml.invalid',
    'description: «!secret x\nblocks: { a: { kind: custom, file: a.ts } }',
  ],
};

describe('an error says where it is and what it is called:', () => {
  test.each(Object.entries(BROKEN))('%s', (_title, [code, marked]) => {
    const { text, places } = unmark(marked);
    const errors = errorsIn(text);

    expect(brief(errors), shown(errors)).toEqual(places.map((place) => `${place} ${code}`));
  });
});
