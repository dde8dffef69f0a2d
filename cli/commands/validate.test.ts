import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { packageRoot } from '../../runtime/paths.ts';
import { createProject } from '../../test/support/project.ts';

const BROKEN = 'blocks:\n  a: { kind: loder, file: a.ts }\n  b: { kind: custom, file: b.sql }\n';
const BLOCK = "import { block } from 'highwater';\n\nexport default block(async () => 1);\n";

let folder = '';
beforeEach(async () => {
  folder = await createProject({
    'blocks/a.ts': BLOCK,
    'pipelines/sound.yaml': 'blocks: { a: { kind: custom, file: a.ts } }',
    'pipelines/broken.yaml': BROKEN,
  });
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

function highwater(args: readonly string[], cwd = folder) {
  const program = join(packageRoot, 'bin/highwater');
  const { stdout, stderr, status } = spawnSync(process.execPath, [program, ...args], {
    cwd,
    encoding: 'utf8',
  });
  return { stdout, stderr, status };
}

test('validate shows each error with its line, and ends with 1', () => {
  expect(highwater(['validate'], join(folder, 'blocks'))).toEqual({
    stdout: `../pipelines/broken.yaml:2:14: value.invalid: "kind" must be one of loader, transformer, exporter, custom, sensor, pipeline (did you mean "loader"?)
  2 |   a: { kind: loder, file: a.ts }
                   ^
../pipelines/broken.yaml:3:28: file.missing: there is no file blocks/b.sql: create it, or correct the path
  3 |   b: { kind: custom, file: b.sql }
                                 ^

2 errors
`,
    stderr: '',
    status: 1,
  });
});

test('validate --json prints what programs need, whether the project is sound or not', () => {
  const broken = highwater(['validate', '--project', folder, '--json'], packageRoot);

  expect(broken.status).toBe(1);
  expect(JSON.parse(broken.stdout)).toEqual({
    ok: false,
    errors: [
      {
        file: 'pipelines/broken.yaml',
        line: 2,
        column: 14,
        code: 'value.invalid',
        message: expect.stringContaining('must be one of') as string,
      },
      expect.objectContaining({ line: 3, column: 28, code: 'file.missing' }),
    ],
    warnings: [],
  });

  rmSync(join(folder, 'pipelines/broken.yaml'));
  const sound = highwater(['validate', '--json']);
  expect(sound.status).toBe(0);
  expect(JSON.parse(sound.stdout)).toEqual({ ok: true, errors: [], warnings: [] });
});

test('plan explains a pipeline, as text and as JSON', () => {
  const text = highwater(['plan', 'sound']);
  const json = highwater(['plan', 'sound', '--json']);

  expect(text).toMatchObject({ status: 0, stderr: '' });
  expect(text.stdout).toContain('runs blocks/a.ts (TypeScript)');
  expect(JSON.parse(json.stdout)).toMatchObject({ pipeline: 'sound', levels: [['a']] });
});

test('plan ends with 1 when the pipeline is broken or not there', () => {
  const broken = highwater(['plan', 'broken']);
  const missing = highwater(['plan', 'sonud']);

  expect(broken).toMatchObject({ status: 1, stdout: '' });
  expect(broken.stderr).toContain('pipelines/broken.yaml:2:14: value.invalid');
  expect(missing).toMatchObject({ status: 1, stdout: '' });
  expect(missing.stderr).toContain('There is no pipeline sonud (did you mean "sound"?)');
});
