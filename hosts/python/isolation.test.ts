import { afterAll, beforeAll, expect, test } from 'vitest';
import { block, startHost, writeFiles, type Ended, type TestHost } from './test-host.ts';

let host: TestHost;

beforeAll(async () => {
  host = await startHost(process.env);
}, 180_000);

afterAll(async () => {
  host.requests.end();
  await host.exited;
});

const valueOf = ({ answer }: Ended): unknown =>
  answer.type === 'result' ? answer.result.value : answer.error;

const using = (module: string, expression: string): string =>
  `from highwater import block\nimport ${module}\n\n@block\ndef made():\n    return ${expression}\n`;

test('modules of one block are not seen by the next', async () => {
  const entry = 'blocks/one.py';
  const first = { [entry]: using('shared', 'shared.NAME'), 'blocks/shared.py': 'NAME = "first"' };
  const second = { [entry]: using('shared', 'shared.NAME'), 'shared.py': 'NAME = "second"' };
  const third = { [entry]: using('shared', 'shared.NAME') };
  expect(valueOf(await host.run(first, { entry }))).toBe('first');
  expect(valueOf(await host.run(second, { entry }))).toBe('second');
  expect(valueOf(await host.run(third, { entry }))).toMatchObject({ code: 'block.invalid' });
});

test('what was loaded from a folder is used again, with all that it imported', async () => {
  const folder = writeFiles({
    'block.py': using('counter', 'counter.next()'),
    'counter.py': 'import itertools\nnext = itertools.count(1).__next__\n',
  });
  expect(valueOf(await host.run({}, { folder }))).toBe(1);
  await host.run(block('', 'return None'));
  expect(valueOf(await host.run({}, { folder }))).toBe(2);
});

test('packages, relative imports and folders without __init__ are found', async () => {
  const files = {
    'blocks/deep/one.py':
      'from highwater import block\nfrom .near import A\nfrom ..far import B\nfrom lib.more import C\n\n@block\ndef made():\n    return [A, B, C]\n',
    'blocks/deep/near.py': 'A = 1',
    'blocks/far.py': 'B = 2',
    'blocks/lib/__init__.py': '',
    'blocks/lib/more.py': 'C = 3',
  };
  expect(valueOf(await host.run(files, { entry: 'blocks/deep/one.py' }))).toEqual([1, 2, 3]);
});

test('a block may have the name of a package or of a standard module', async () => {
  const files = {
    'blocks/pandas.py': using('pandas', 'int(pandas.Series([1, 2]).sum())'),
    'blocks/random.py': 'raise ImportError("the wrong random")',
  };
  expect(valueOf(await host.run(files, { entry: 'blocks/pandas.py' }))).toBe(3);
});

test('environment, folder, path, streams and log handlers are put back', async () => {
  const state =
    'import logging, os, sys\nreturn [os.environ.get("LEFT"), "/left" in sys.path, len(logging.getLogger().handlers)]';
  const spoil = `
import logging, os, sys
os.environ["LEFT"] = "behind"
sys.path.append("/left")
logging.basicConfig(force=True)
sys.stdout = open(os.devnull, "w")
os.close(2)
os.chdir("/")`;
  await host.run(block('', spoil));
  const after = await host.run(
    block('', `print("heard")\nimport os\nos.write(2, b"too")\n${state}`),
  );
  expect(valueOf(after)).toEqual([null, false, 1]);
  expect(after.stdout).toBe('heard\n');
  expect(after.stderr).toBe('too');
});

test('relative paths start at the project', async () => {
  const projectDir = writeFiles({ 'data/a.txt': 'here' });
  const ended = await host.run(block('', 'return open("data/a.txt").read()'), { projectDir });
  expect(valueOf(ended)).toBe('here');
});

test('a block with an import error is loaded anew when it comes again', async () => {
  const folder = writeFiles({
    'block.py': `import os\nif not os.path.exists("ok"): raise ValueError("not yet")\n${using('os', '"now"')}`,
  });
  expect(valueOf(await host.run({}, { folder }))).toMatchObject({ message: 'ValueError: not yet' });
  const projectDir = writeFiles({ ok: '' });
  expect(valueOf(await host.run({}, { folder, projectDir }))).toBe('now');
});
