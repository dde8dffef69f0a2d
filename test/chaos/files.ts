import { typescript } from '../support/project.ts';

const linger = (ms: number, answer: string) =>
  typescript(`await sleep(${ms}, undefined, { signal }); ${answer}`);

/** Every kind of host, both ways to export, and a sub-pipeline of a sub-pipeline; about 6 s a run. */
export const FILES: Readonly<Record<string, string>> = {
  'blocks/rows.sql': 'select i from range(1000) t(i)\n',
  'blocks/carry.ts': linger(700, 'return inputs.rows.rows();'),
  'blocks/slow.ts': linger(500, 'return 1;'),
  'blocks/double.py': `import time
from highwater import block

@block
def double(carried):
    time.sleep(0.5)
    carried["twice"] = carried["i"] * 2
    return carried
`,
  'blocks/stamped.sql': 'select i, twice, $run_id::bigint as run from doubled\n',
  'pipelines/delivery.yaml': `defaults: { retry: { attempts: 1 } }
blocks:
  rows: { kind: loader, file: rows.sql }
  carried: { kind: transformer, file: carry.ts, inputs: [rows] }
  doubled: { kind: transformer, file: double.py, inputs: [carried] }
  stamped: { kind: transformer, file: stamped.sql, inputs: [doubled] }
  append: { kind: exporter, to: { connection: warehouse, table: appended, mode: append }, inputs: [stamped] }
  merge: { kind: exporter, to: { connection: warehouse, table: merged, mode: merge, keys: [run, i] }, inputs: [stamped] }
  nested: { kind: pipeline, pipeline: outer, after: [rows] }
  end: { kind: custom, file: slow.ts, after: [append, merge, nested] }
`,
  'pipelines/outer.yaml': `blocks:
  before: { kind: custom, file: slow.ts }
  inner: { kind: pipeline, pipeline: inner, after: [before] }
`,
  'pipelines/inner.yaml': `blocks:
  one: { kind: custom, file: slow.ts }
  two: { kind: custom, file: slow.ts, after: [one] }
`,
};
