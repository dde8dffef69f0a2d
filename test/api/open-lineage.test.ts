import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { randomBytes, randomUUID } from 'node:crypto';
import type { Run } from '../../api/contract/run.ts';
import { until } from '../support/until.ts';
import { ask, reached, touched } from './lineage-world.ts';
import { startTestApi, type TestApi } from './test-api.ts';

let api: TestApi;

beforeAll(async () => {
  api = await startTestApi();
});
afterAll(async () => {
  await api.stop();
});

const dataset = (name: string, more: object = {}) => ({
  ...{ namespace: 'postgres://db:5432', name: `shop.public.${name}`, ...more },
});

interface Told {
  readonly job: string;
  readonly run: string;
  readonly type: string;
  readonly time?: string;
  readonly inputs?: readonly object[];
  readonly outputs?: readonly object[];
  readonly facets?: object;
}

async function tell({ job, run, type, time, inputs, outputs, facets }: Told): Promise<number> {
  const post = () =>
    fetch(`${api.url}/api/v1/lineage`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        eventType: type,
        eventTime: time ?? '2026-01-01T10:00:00.123456Z',
        producer: 'https://example.com/tool',
        schemaURL: 'https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent',
        run: { runId: run, ...(facets && { facets }) },
        job: { namespace: 'airflow', name: job },
        ...(inputs && { inputs }),
        ...(outputs && { outputs }),
      }),
    });
  // Busy machines: the API asks to be asked again.
  const answered = await until(async () => {
    const { status } = await post();
    return status === 503 ? undefined : { status };
  });
  return answered.status;
}

async function executionsOf(pipeline: string) {
  const { rows } = await sql<Record<string, unknown>>`
    select e.id, e.parent_id, e.state, e.start_date, e.end_date, e.total_rows, e.execution_metadata
    from pipeline_execution e join pipeline p on p.id = e.pipeline_id
    where p.name = ${pipeline} order by e.id`.execute(api.db);
  return rows;
}

describe('events of a run', () => {
  test('make a pipeline, an execution, addresses and edges', async () => {
    const run = randomUUID();
    expect(await tell({ job: 'Load.Orders', run, type: 'START', inputs: [dataset('raw')] })).toBe(
      201,
    );
    const outputs = [
      dataset('orders', { outputFacets: { outputStatistics: { rowCount: 12, _producer: 'x' } } }),
    ];
    const time = '2026-01-01T10:05:00Z';
    expect(await tell({ job: 'Load.Orders', run, type: 'COMPLETE', time, outputs })).toBe(201);
    expect(await executionsOf('airflow/load.orders')).toMatchObject([
      {
        state: 'succeeded',
        start_date: new Date('2026-01-01T10:00:00.123Z'),
        end_date: new Date(time),
        total_rows: 12,
      },
    ]);
    const { rows: pipelines } = await sql`
      select last_target_insert from pipeline where name = 'airflow/load.orders'`.execute(api.db);
    expect(pipelines).toEqual([{ last_target_insert: new Date(time) }]);
    expect(await reached(api, 'downstream', 'address=shop.public.raw')).toEqual([
      '0 postgres://db:5432/shop.public.raw',
      '1 postgres://db:5432/shop.public.orders',
    ]);
  });

  test('count once, however often they are sent and at the same time', async () => {
    const run = randomUUID();
    const event = { job: 'again', run, type: 'START' };
    const statuses = await Promise.all(Array.from({ length: 20 }, () => tell(event)));
    expect(new Set(statuses)).toEqual(new Set([201]));
    for (let at = 0; at < 3; at += 1) {
      await tell({ ...event, type: 'FAIL', time: `2026-01-01T1${at + 1}:00:00Z` });
    }
    expect(await executionsOf('airflow/again')).toMatchObject([
      { state: 'failed', end_date: new Date('2026-01-01T11:00:00Z') },
    ]);
  });

  test('may come in the wrong order', async () => {
    const run = randomUUID();
    await tell({ job: 'late', run, type: 'COMPLETE', time: '2026-01-01T11:00:00Z' });
    await tell({ job: 'late', run, type: 'START', time: '2026-01-01T10:00:00Z' });
    expect(await executionsOf('airflow/late')).toMatchObject([
      {
        state: 'succeeded',
        start_date: new Date('2026-01-01T10:00:00Z'),
        end_date: new Date('2026-01-01T11:00:00.001Z'),
      },
    ]);
  });

  test('say why a run failed, and whose part it is', async () => {
    const [parent, child] = [randomUUID(), randomUUID()];
    await tell({ job: 'dag', run: parent, type: 'START' });
    const facets = {
      parent: { run: { runId: parent }, job: { namespace: 'airflow', name: 'dag' } },
      errorMessage: { message: 'no space left', programmingLanguage: 'PYTHON' },
    };
    await tell({ job: 'dag.task', run: child, type: 'START', facets });
    await tell({ job: 'dag.task', run: child, type: 'FAIL', time: '2026-01-01T12:00:00Z', facets });
    const [above] = await executionsOf('airflow/dag');
    expect(await executionsOf('airflow/dag.task')).toMatchObject([
      { parent_id: above?.['id'], execution_metadata: { error: 'no space left' } },
    ]);
  });

  test('that it was aborted show it as cancelled, and raise no notice', async () => {
    const run = randomUUID();
    await tell({ job: 'stopped', run, type: 'START' });
    await tell({ job: 'stopped', run, type: 'ABORT', time: '2026-01-01T11:00:00Z' });
    const [stored] = await executionsOf('airflow/stopped');
    const { body } = await ask<Run>(api, 'GET', `/api/runs/${String(stored?.['id'])}`);
    expect(body).toMatchObject({ state: 'cancelled', finished_at: '2026-01-01T11:00:00.000Z' });
    const { rows } = await sql`
      select from raised_notice where execution_id = ${body.id}
      union all select from notice where execution_id = ${body.id}`.execute(api.db);
    expect(rows).toEqual([]);
  });

  test('of the newest run decide on the edges', async () => {
    const [old, fresh] = [randomUUID(), randomUUID()];
    const flow = (from: string) => ({ inputs: [dataset(from)], outputs: [dataset('moving')] });
    await tell({ job: 'moving', run: old, type: 'START', ...flow('before') });
    await tell({ job: 'moving', run: fresh, type: 'START', ...flow('after') });
    await tell({
      job: 'moving',
      run: old,
      type: 'COMPLETE',
      time: '2026-01-01T13:00:00Z',
      ...flow('before'),
    });
    expect(await reached(api, 'upstream', 'address=shop.public.moving')).toEqual([
      '0 postgres://db:5432/shop.public.moving',
      '1 postgres://db:5432/shop.public.after',
    ]);
  });

  test('of a run that began before another one change no edges, whenever they come', async () => {
    const told = (from: string, time: string) => {
      const flow = { inputs: [dataset(from)], outputs: [dataset('steady')] };
      return tell({ job: 'steady', run: randomUUID(), type: 'COMPLETE', time, ...flow });
    };
    await told('newer', '2026-01-02T10:00:00Z');
    await told('older', '2026-01-01T10:00:00Z');
    expect(await reached(api, 'upstream', 'address=shop.public.steady')).toEqual([
      '0 postgres://db:5432/shop.public.steady',
      '1 postgres://db:5432/shop.public.newer',
    ]);
  });

  test('tell whose part a run is before anybody tells of that', async () => {
    const [outer, inner, innermost] = [randomUUID(), randomUUID(), randomUUID()];
    const partOf = (run: string, name: string) => ({
      parent: { run: { runId: run }, job: { namespace: 'airflow', name } },
    });
    await tell({ job: 'leaf', run: innermost, type: 'COMPLETE', facets: partOf(inner, 'branch') });
    await tell({ job: 'branch', run: inner, type: 'START', facets: partOf(outer, 'root') });
    await tell({ job: 'root', run: outer, type: 'START' });

    const [root, branch, leaf] = await Promise.all(
      ['root', 'branch', 'leaf'].map(async (job) => (await executionsOf(`airflow/${job}`))[0]),
    );
    expect([branch?.['parent_id'], leaf?.['parent_id']]).toEqual([root?.['id'], branch?.['id']]);
  });

  test('may name columns that are too long to be kept', async () => {
    const [long, other] = [randomBytes(1_400).toString('hex'), randomBytes(900).toString('hex')];
    const fields = {
      [long]: { inputFields: [{ ...dataset('wide'), field: other }] },
      short: { inputFields: [{ ...dataset('wide'), field: 'a' }] },
    };
    const outputs = [dataset('wider', { facets: { columnLineage: { fields } } })];
    expect(await tell({ job: 'wide', run: randomUUID(), type: 'COMPLETE', outputs })).toBe(201);
    const { rows } = await sql`
      select c.target_column from column_lineage c join pipeline p on p.id = c.pipeline_id
      where p.name = 'airflow/wide'`.execute(api.db);
    expect(rows).toEqual([{ target_column: 'short' }]);
  });

  test('tell of columns', async () => {
    const fields = {
      total: {
        inputFields: [
          { ...dataset('items'), field: 'price' },
          { ...dataset('items'), field: 'n' },
        ],
      },
    };
    await tell({
      ...{ job: 'columns', run: randomUUID(), type: 'COMPLETE', inputs: [dataset('items')] },
      outputs: [dataset('sums', { facets: { columnLineage: { fields } } })],
    });
    interface Answer {
      readonly addresses: readonly { name: string; columns?: string[] }[];
    }
    const { body } = await ask<Answer>(
      api,
      'GET',
      '/api/lineage/upstream?address=sums&column=total',
    );
    expect(body.addresses.map(({ columns }) => columns)).toEqual([['total'], ['n', 'price']]);
  });
});

test('a change of a column touches only the jobs that carry it on', async () => {
  const carries = (job: string, field: string, to: string) => {
    const fields = { [to]: { inputFields: [{ ...dataset('sales'), field }] } };
    const outputs = [dataset('by_shop', { facets: { columnLineage: { fields } } })];
    const run = { run: randomUUID(), type: 'COMPLETE', inputs: [dataset('sales')] };
    return tell({ job, ...run, outputs });
  };
  await carries('revenue', 'price', 'total');
  await carries('visits', 'visitor', 'count');

  const { pipelines } = await touched(api, 'address=shop.public.sales&column=price');
  expect(pipelines.map(({ name }) => name)).toEqual(['airflow/revenue']);
});

describe('other events', () => {
  const base = { eventTime: '2026-01-01T10:00:00Z', producer: 'x', schemaURL: 'y' };

  test('of a job alone, and of a dataset alone, are taken', async () => {
    const job = { namespace: 'dbt', name: 'model' };
    const event = { ...base, job, inputs: [dataset('a')], outputs: [dataset('b')] };
    expect((await fetch(`${api.url}/api/v1/lineage`, init(event))).status).toBe(201);
    expect(await reached(api, 'upstream', 'address=shop.public.b')).toHaveLength(2);
    const alone = { ...base, dataset: dataset('alone') };
    expect((await fetch(`${api.url}/api/v1/lineage`, init(alone))).status).toBe(201);
    expect(await reached(api, 'upstream', 'address=shop.public.alone')).toHaveLength(1);
  });

  test('that are none, or tell of our own jobs, are refused', async () => {
    const run = { runId: randomUUID() };
    const job = { namespace: 'airflow', name: 'x' };
    const refused = async (body: unknown) =>
      (await fetch(`${api.url}/api/v1/lineage`, init(body))).status;
    expect(await refused([])).toBe(400);
    expect(await refused({ ...base })).toBe(400);
    expect(await refused({ ...base, run: { runId: 'none' }, job })).toBe(400);
    expect(await refused({ ...base, run, job, eventType: 'MAYBE' })).toBe(400);
    expect(await refused({ ...base, run, job: { ...job, name: 'a\0b' } })).toBe(400);
    expect(await refused({ ...base, eventTime: 'soon', run, job })).toBe(400);
    expect(await refused({ ...base, eventTime: '0000-01-01T00:00:00Z', run, job })).toBe(400);
    expect(await refused({ ...base, run, job: { namespace: 'highwater', name: 'x' } })).toBe(409);
  });

  function init(body: unknown): RequestInit {
    const headers = { 'content-type': 'application/json' };
    return { method: 'POST', headers, body: JSON.stringify(body) };
  }
});
