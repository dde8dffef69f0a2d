import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { identify } from '../../local/process.ts';
import { createDatabase, temporalAddress } from '../support/servers.ts';
import { highwater } from '../support/highwater.ts';
import { until } from '../support/until.ts';

interface Status {
  readonly api: string | null;
  readonly temporal: string | null;
  readonly temporal_ui: string | null;
  readonly database_url: string | null;
  readonly components: readonly { name: string; pid: number | null; state: string }[];
}

const FREE_PORTS = {
  HIGHWATER_PORT: '0',
  HIGHWATER_POSTGRES_PORT: '0',
  HIGHWATER_TEMPORAL_PORT: '0',
  HIGHWATER_TEMPORAL_UI_PORT: '0',
};
let folder: string;
let project: string;

const cli = (args: string[], env: Record<string, string> = {}) =>
  highwater(args, project, { ...FREE_PORTS, ...env });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'highwater-stack-'));
  await chmod(folder, 0o711); // root's Postgres runs as another user
  project = join(folder, 'cafe');
  expect((await highwater(['init', 'cafe'], folder)).code).toBe(0);
  const { code, err } = await cli(['dev', '--detach']);
  expect(err).toBe('');
  expect(code).toBe(0);
});
afterAll(async () => {
  await cli(['stop']);
  await rm(folder, { recursive: true });
});

async function status(): Promise<Status & { readonly code: number | null }> {
  const { out, code } = await cli(['status', '--json']);
  return { code, ...(JSON.parse(out) as Status) };
}

async function pidOf(name: string): Promise<number> {
  const { components } = await status();
  const pid = components.find((component) => component.name === name)?.pid;
  if (!pid) throw new Error(`${name} has no process`);
  return pid;
}

test('a new project runs on what dev started', async () => {
  const run = await cli(['run', 'daily_sales', '--json']);

  expect(run.code, run.err).toBe(0);
  expect(JSON.parse(run.out)).toMatchObject({ pipeline: 'daily_sales', state: 'succeeded' });
});

test('status names every address and process', async () => {
  const { code, api, temporal_ui, database_url, components } = await status();

  expect(code).toBe(0);
  expect((await fetch(`${String(api)}/health/ready`)).status).toBe(200);
  expect((await fetch(String(temporal_ui))).status).toBe(200);
  expect(database_url).toMatch(/^postgres:\/\//);
  expect(components.map(({ name, state }) => `${name} ${state}`).sort()).toEqual([
    'api running',
    'postgres running',
    'supervisor running',
    'temporal running',
    'worker running',
  ]);
});

test.each(['postgres', 'temporal', 'api', 'worker'])(
  '%s comes back where it was when it is killed',
  async (name) => {
    const before = await status();
    const pid = await pidOf(name);

    process.kill(pid, 'SIGKILL');
    const after = await until(async () => {
      const now = await status();
      return now.code === 0 && !now.components.some((other) => other.pid === pid) && now;
    }, 120_000);

    const { api, temporal, temporal_ui, database_url } = before;
    expect(after).toMatchObject({ api, temporal, temporal_ui, database_url });
    const runs = await cli(['runs', '--json']);
    expect(runs.code, runs.err).toBe(0);
  },
);

test('a second dev says that it runs already', async () => {
  const { code, out } = await cli(['dev']);

  expect(code).toBe(0);
  expect(out).toContain(`Already running here (process ${await pidOf('supervisor')})`);
});

test('API and worker end with a supervisor that is killed, and the next dev takes over the rest', async () => {
  const [supervisor, ...others] = await Promise.all(
    ['supervisor', 'api', 'worker', 'postgres', 'temporal'].map(pidOf),
  );
  const [api = 0, worker = 0, postgres = 0, temporal = 0] = others;

  process.kill(supervisor ?? 0, 'SIGKILL');
  await until(async () => !(await identify(api)) && !(await identify(worker)));
  expect((await status()).code).toBe(1);

  const dev = await cli(['dev', '--detach']);
  expect(dev.code, dev.err).toBe(0);
  expect(await identify(postgres)).toBeUndefined();
  expect(await identify(temporal)).toBeUndefined();
  const runs = JSON.parse((await cli(['runs', '--json'])).out) as object;
  expect(JSON.stringify(runs)).toContain('daily_sales');
});

test('stop ends every process, and the data stay', async () => {
  const { components, database_url } = await status();

  expect((await cli(['stop'])).code).toBe(0);

  for (const { pid } of components) expect(await identify(pid ?? 0)).toBeUndefined();
  await expect(new pg.Client(database_url ?? '').connect()).rejects.toThrow();
  expect((await status()).code).toBe(1);
  expect((await cli(['stop'])).out).toContain('Nothing runs');
  const again = await cli(['stop', '--json']);
  expect(JSON.parse(again.out)).toMatchObject({ stopped: false });
});

test('a taken port is named, with its holder and the setting that moves it', async () => {
  const server = createServer();
  const port = await new Promise<number>((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      resolve((server.address() as { port: number }).port);
    });
  });

  const { code, err } = await cli(['dev'], { HIGHWATER_TEMPORAL_PORT: String(port) });
  server.close();

  expect(code).toBe(1);
  expect(err).toContain(`Port ${port} for Temporal is taken by process ${process.pid}`);
  expect(err).toContain('HIGHWATER_TEMPORAL_PORT');
  expect((await cli(['stop'])).out).toContain('Nothing runs');
});

test('servers of one’s own are used and left alone', async () => {
  const own = { DATABASE_URL: await createDatabase(), TEMPORAL_ADDRESS: temporalAddress() };
  const env = {
    ...own,
    HIGHWATER_HOME: join(folder, 'other'),
    HIGHWATER_TASK_QUEUE: 'own-servers',
  };

  const dev = await cli(['dev', '--detach'], env);
  const { out } = await cli(['status', '--json'], env);
  await cli(['stop'], env);

  expect(dev.code, dev.err).toBe(0);
  expect(JSON.parse(out)).toMatchObject({
    temporal: own.TEMPORAL_ADDRESS,
    database_url: own.DATABASE_URL,
    components: [{ name: 'supervisor' }, { name: 'api' }, { name: 'worker' }],
  });
  const client = new pg.Client(own.DATABASE_URL);
  await client.connect();
  await client.end();
});

test('a folder that is no project is refused before anything starts', async () => {
  const { code, err } = await highwater(['dev', '--project', folder], folder, FREE_PORTS);

  expect(code).toBe(1);
  expect(err).toContain('holds no highwater.yaml');
});

test('init refuses a folder that holds something', async () => {
  const { code, err } = await highwater(['init', 'cafe'], folder);

  expect(code).toBe(1);
  expect(err).toContain('cafe is not empty');
});
