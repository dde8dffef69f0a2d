import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { CleanUp } from '../../api/contract/clean-up.ts';
import type { DailyReport } from '../../api/contract/daily-report.ts';
import type { Diagnostics, DiagnosticsPart } from '../../api/contract/diagnostics.ts';
import type { QueueReport } from '../../api/watcher/contract/maintenance.ts';
import type { MetricsPage } from '../../api/watcher/contract/reporting.ts';
import { isDeadlock } from '../../db/away.ts';
import { addEverything, addFreshnessLog, addRun, idsOf } from '../db/old-things.ts';
import { until } from '../support/until.ts';
import { startTestApi, type TestApi } from './test-api.ts';

const EVIL = `<script>alert('x')</script>`;

let api: TestApi;

beforeAll(async () => {
  api = await startTestApi({
    files: {
      'highwater.yaml': 'name: test\ndefaults: { retention: { runs: 400d, artifacts: 30d } }\n',
    },
  });
  // What it registers later would take the numbers that these tests count on.
  await until(async () => {
    const registered = api.db.selectFrom('pipeline').where('current_version', 'is not', null);
    return registered.select('id').executeTakeFirst();
  });
});
afterAll(() => api.stop());

beforeEach(async () => {
  await empty();
  await sql`insert into pipeline_type (name) values ('batch') on conflict do nothing`.execute(
    api.db,
  );
  await sql`
    insert into pipeline (name, pipeline_type_id)
    select p.name, t.id from pipeline_type t, (values ('apples'), (${EVIL})) p (name)
    where t.name = 'batch'`.execute(api.db);
});

/** The API works on these tables meanwhile, in an order of its own. */
async function empty(): Promise<void> {
  const truncate = sql`truncate pipeline, pipeline_execution restart identity cascade`;
  await truncate.execute(api.db).catch(async (error: unknown) => {
    if (!isDeadlock(error)) throw error;
    await empty();
  });
}

describe('POST /log_cleanup', () => {
  test('really deletes what began before that day, and counts it', async () => {
    const kept = await addRun(api.db, { began: 89, reported: true });
    const old = await addRun(api.db, { began: 95, reported: true });
    await addRun(api.db, { began: 95, parent: old, reported: true });
    await addEverything(api.db, old);
    await addFreshnessLog(api.db, 1, 95);

    const { status, body } = await api.post('/log_cleanup', { retention_days: '90' });

    expect(status).toBe(200);
    expect(body).toEqual({
      total_pipeline_executions_deleted: 2,
      total_timeliness_pipeline_execution_logs_deleted: 1,
      total_anomaly_detection_results_deleted: 1,
      total_pipeline_execution_closure_parent_deleted: 3,
      total_pipeline_execution_closure_child_deleted: 0,
      total_freshness_pipeline_logs_deleted: 1,
    });
    expect(await idsOf(api.db, 'pipeline_execution')).toEqual([kept]);
  });

  test.each([
    [{}, 'retention_days'],
    [{ retention_days: 89 }, 'retention_days'],
    [{ retention_days: 90, batch_size: 0 }, 'batch_size'],
  ])('refuses %j', async (body, field) => {
    const answer = await api.post('/log_cleanup', body);
    expect(answer.status).toBe(422);
    expect(answer.body).toMatchObject({ detail: [{ loc: ['body', field] }] });
  });

  test('takes any number of days', async () => {
    const { status } = await api.post('/log_cleanup', { retention_days: Number.MAX_SAFE_INTEGER });
    expect(status).toBe(200);
  });
});

describe('POST /celery/monitor-queue', () => {
  const monitor = async () => {
    const { status, body } = await api.post('/celery/monitor-queue');
    return { status, report: body as unknown as QueueReport };
  };
  const queueNotice = async () => {
    const { rows } = await sql<{ severity: string; message: string; recovered: boolean }>`
      select severity, message, recovered_at is not null as recovered from notice
      where subject = 'queue' order by id desc limit 1`.execute(api.db);
    return rows[0];
  };

  test('counts what waits, alerts above 50, and says when it is over', async () => {
    await sql`insert into deadline_queue select generate_series(1, 60)`.execute(api.db);

    const { status, report } = await monitor();
    expect(status).toBe(200);
    expect(report).toMatchObject({ status: 'success', scheduled_queue_pending: 0 });
    expect(report.task_breakdown).toContain('Timeliness Check Task: 60');
    expect(report.task_breakdown_raw).toMatchObject({ timeliness_check_task: 60 });
    expect(report.total_pending).toBeGreaterThanOrEqual(60);
    const open = await until(queueNotice);
    expect(open).toMatchObject({ severity: 'warning', recovered: false });
    expect(open.message).toBe(`Queue has ${report.total_pending} pending tasks`);

    await sql`truncate deadline_queue`.execute(api.db);
    expect((await monitor()).report.total_pending).toBeLessThan(50);
    await until(async () => (await queueNotice())?.recovered);
  });
});

describe('the daily report', () => {
  test('has today in it, in the words of Watcher and in ours', async () => {
    await addRun(api.db, { began: 0, state: 'running', reported: true });
    await addRun(api.db, { began: 1, reported: true });
    await addRun(api.db, { began: 31, reported: true });

    const watcher = await api.get('/reporting/daily-pipeline-metrics?page_size=1&days=30');
    const { data, pagination } = watcher.body as unknown as MetricsPage;
    expect(pagination).toEqual({
      ...{ page: 1, page_size: 1, total_records: 2, total_pages: 2 },
      ...{ has_next: true, has_prev: false },
    });
    expect(data).toEqual([
      {
        ...{ date_recorded: today(), pipeline_name: 'apples', pipeline_type_name: 'batch' },
        ...{ total_executions: 1, failed_executions: 0, error_percentage: 0 },
        ...{ daily_inserts: 0, daily_updates: 0, daily_soft_deletes: 0, daily_total_rows: 0 },
        ...{ avg_duration_seconds: 0, daily_throughput: 0 },
      },
    ]);

    const ours = await api.get('/api/reports/daily?days=40&limit=2&page=2');
    const report = ours.body as unknown as DailyReport;
    expect(report).toMatchObject({ total: 3, page: 2, pages: 2, rows: [{ executions: 1 }] });
  });

  test('names what can be chosen, and can be asked to sum up', async () => {
    await addRun(api.db, { pipeline: 2, began: 2, reported: true });
    expect((await api.post('/reporting/refresh')).body).toMatchObject({ status: 'success' });
    expect((await api.get('/reporting/pipeline-names')).body).toEqual({ pipeline_names: [EVIL] });
    const none = await api.get('/reporting/pipeline-names?pipeline_type_name=other');
    expect(none.body).toEqual({ pipeline_names: [] });
    expect((await api.get('/reporting/pipeline-type-names')).body).toEqual({
      pipeline_type_names: ['batch'],
    });
  });

  test.each(['page=0', 'page_size=1001', 'days=31', 'days=x'])('refuses %s', async (query) => {
    expect((await api.get(`/reporting/daily-pipeline-metrics?${query}`)).status).toBe(422);
  });

  test.each(['days=0', 'days=367', 'page=0', 'what=x'])('refuses %s of ours', async (query) => {
    expect((await api.get(`/api/reports/daily?${query}`)).status).toBe(400);
  });

  test('is a page that loads nothing from elsewhere and escapes every name', async () => {
    await addRun(api.db, { pipeline: 2, began: 0, reported: true });
    const response = await fetch(`${api.url}/reporting?pipeline_name=${encodeURIComponent(EVIL)}`);
    const page = await response.text();

    expect(response.headers.get('content-type')).toContain('text/html');
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(page).toContain('&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;');
    expect(page).not.toMatch(/<script|https?:\/\//);
  });
});

describe('diagnostics', () => {
  test('tell of everything, and what is wrong', async () => {
    const { status, body } = await api.get('/api/diagnostics');
    const { healthy, findings, ...facts } = body as unknown as Diagnostics;

    expect(status).toBe(200);
    expect(facts.connections).toMatchObject({ max_connections: 200, pool: { most: 20 } });
    expect(facts.schema.migrations.every(({ applied_at }) => applied_at !== null)).toBe(true);
    expect(facts.schema.tables.map(({ name }) => name)).toContain('pipeline_execution');
    expect(facts.queues.queued_runs).toEqual({ pending: 0, oldest_seconds: null });
    expect(facts.workers).toMatchObject({ reachable: true, task_queue: api.taskQueue });
    expect(healthy).toBe(false);
    const missing = `No worker asks ${api.taskQueue} for workflow tasks: start one`;
    expect(findings).toContainEqual({ part: 'workers', level: 'error', message: missing });
  });

  test('find who waits for a lock, and for whom', async () => {
    await api.db.transaction().execute(async (tx) => {
      await sql`lock table clean_up`.execute(tx);
      const blocked = sql`select from clean_up`.execute(api.db);
      const refused = expect(blocked).rejects.toThrow('canceling statement');
      const waiting = await until(async () => {
        const { body } = await api.get('/api/diagnostics/locks');
        const { locks } = body as unknown as DiagnosticsPart;
        return locks?.waiting.find(({ query }) => query.includes('from clean_up'));
      });
      expect(waiting.waits_for).toHaveLength(1);
      await sql`select pg_cancel_backend(${waiting.pid})`.execute(tx);
      await refused;
    });
  });

  test('every reference has an index, so that removing is quick', async () => {
    const { body } = await api.get('/api/diagnostics/schema');
    const { schema } = body as unknown as DiagnosticsPart;
    const slow = schema?.missing_indexes.filter(({ columns }) => columns.includes('execution_id'));
    expect(slow).toEqual([]);
  });

  test('there is no such part', async () => {
    expect((await api.get('/api/diagnostics/redis')).status).toBe(404);
  });

  test.each([
    ['connection-performance', 'connection_performance', 'max connections'],
    ['schema-health', 'schema_health', 'pipeline_execution_pkey'],
    ['performance', 'performance', 'deadlocks'],
    ['celery', 'celery', 'No worker asks'],
    ['redis', 'redis', 'anomaly checks'],
  ])('stand at Watcher’s path %s as HTML', async (path, type, text) => {
    const { status, body } = await api.get(`/diagnostics/${path}`);
    expect(status).toBe(200);
    expect(body).toMatchObject({ status: 'success', type });
    expect((body as unknown as { output: string }).output).toContain(text);
  });

  test('are a page that loads nothing from elsewhere', async () => {
    const response = await fetch(`${api.url}/diagnostics`);
    const page = await response.text();
    expect(response.status).toBe(200);
    expect(page).toContain('<h2>workers</h2>');
    expect(page).not.toMatch(/<script|https?:\/\//);
  });
});

describe('clean-ups', () => {
  test('are scheduled for every night with what the project keeps', async () => {
    const handle = api.temporal.schedule.getHandle(`${api.taskQueue}/maintenance`);
    const { action, spec } = await until(() => handle.describe().catch(() => undefined));
    const day = 86_400_000;
    expect(action).toMatchObject({
      workflowType: 'highwater_maintenance',
      taskQueue: api.taskQueue,
      args: [{ dryRun: false, defaults: { runsMs: 400 * day, artifactsMs: 30 * day } }],
    });
    expect(spec.calendars?.[0]).toMatchObject({ hour: [{ start: 3 }], minute: [{ start: 17 }] });
    await handle.delete();
  });

  test('wait for a worker, and can be looked at meanwhile', async () => {
    const { status, body } = await api.post('/api/clean-ups', { dry_run: true });
    const asked = body as unknown as CleanUp;
    expect(status).toBe(202);
    expect(asked).toMatchObject({ dry_run: true, finished_at: null, removed: { runs: 0 } });

    expect((await api.get(`/api/clean-ups/${asked.id}`)).body).toEqual(asked);
    expect((await api.get('/api/clean-ups')).body).toMatchObject({ clean_ups: [asked] });
    expect((await api.get(`/api/clean-ups/${asked.id + 1}`)).status).toBe(404);
    expect((await api.post('/api/clean-ups', { when: 'now' })).status).toBe(400);
  });
});

function today(): string {
  return new Date().toISOString().slice(0, 10);
}
