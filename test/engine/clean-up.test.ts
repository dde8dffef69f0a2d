import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { CleanUp, Removed } from '../../api/contract/clean-up.ts';
import { listCleanUps } from '../../db/maintenance/clean-ups.ts';
import { packageRoot } from '../../runtime/paths.ts';
import { addRun, idsOf } from '../db/old-things.ts';
import { startEngine, type Engine } from '../support/engine.ts';
import { highwater } from '../support/highwater.ts';
import { storedFiles } from '../support/leftovers.ts';
import { until } from '../support/until.ts';

let engine: Engine;

beforeAll(async () => {
  engine = await startEngine({
    'highwater.yaml': 'name: test\ndefaults: { retention: { artifacts: 2d } }\n',
    'pipelines/short.yaml':
      'retention: { runs: 5d, artifacts: 1d }\nblocks: { numbers: { kind: loader, file: numbers.sql } }\n',
    'pipelines/long.yaml': 'blocks: { numbers: { kind: loader, file: numbers.sql } }\n',
    'blocks/numbers.sql': 'select i from range(1000) t(i)\n',
    'pipelines/endless.yaml': `blocks:
  numbers: { kind: loader, file: numbers.sql }
  endless: { kind: loader, file: endless.sql, after: [numbers] }
`,
    'blocks/endless.sql': 'select i, md5(i::varchar) as mark from range(1000000000000) t(i)\n',
  });
});
afterAll(() => engine.stop());

test('a clean-up removes the files of old artifacts, and a dry run only counts them', async () => {
  const runs = [await engine.run('short'), await engine.run('long'), await engine.run('short')];
  const [short, long, old] = runs.map(({ id }) => id);
  expect(await storedFiles(engine.around.home)).toHaveLength(3);
  await sql`update artifact set created_at = now() - interval '36 hours'`.execute(engine.db);
  await sql`
    update pipeline_execution set start_date = now() - interval '6 days',
      date_recorded = (now() - interval '6 days')::date where id = ${old}`.execute(engine.db);

  expect(await cleanUp({ dryRun: true })).toMatchObject({ runs: 1, artifacts: 2 });
  expect(await storedFiles(engine.around.home)).toHaveLength(3);

  expect(await cleanUp({ dryRun: false })).toMatchObject({ runs: 1, artifacts: 2 });
  const left = await storedFiles(engine.around.home);
  expect(left.map((uri) => uri.split('/')[3])).toEqual([String(long)]);
  expect(await idsOf(engine.db, 'artifact', 'execution_id')).toEqual([long]);
  expect(await idsOf(engine.db, 'artifact_removal')).toEqual([]);
  expect(await idsOf(engine.db, 'pipeline_execution')).toEqual([short, long]);
});

test('a clean-up removes what an attempt left whose worker was killed and which was never tried again', async () => {
  const { id } = await engine.start('endless');
  const stored = async () => {
    const uris = await storedFiles(engine.around.home);
    return uris.filter((uri) => uri.startsWith(`store:///${id}/`)).map((uri) => uri.split('/')[4]);
  };
  await until(async () => (await stored()).includes('endless'), 60_000);
  const { workflow_id } = await engine.show(id);
  const killed = engine.killWorker();
  await engine.temporal.workflow.getHandle(workflow_id).terminate('enough');
  await killed;
  expect((await engine.ended(id)).state).toBe('terminated');

  await cleanUp({ dryRun: false });
  expect((await stored()).sort()).toEqual(['endless', 'numbers']); // a worker might still be at it
  await sql`
    update pipeline_execution e set start_date = hour_ago - interval '1 minute', end_date = hour_ago
    from (select max(started_at) - interval '1 hour' as hour_ago from clean_up) c
    where e.id = ${id}`.execute(engine.db);
  await cleanUp({ dryRun: false });

  expect(await stored()).toEqual(['numbers']);
});

test('what its schedule starts goes on with another worker when one is killed', async () => {
  await sql`update pipeline set keep_runs_s = 86400 where name = 'short'`.execute(engine.db);
  const { rows } = await sql<{ id: number }>`
    select id from pipeline where name = 'short'`.execute(engine.db);
  await addRun(engine.db, { pipeline: rows[0]?.id ?? 0, began: 9, reported: true });
  await sql`
    insert into pipeline_execution (pipeline_id, state, trigger_kind, start_date, date_recorded)
    select pipeline_id, state, trigger_kind, start_date, date_recorded
    from pipeline_execution, generate_series(1, 5000) where trigger_kind = 'reported'`.execute(
    engine.db,
  );
  const last = await addRun(engine.db, { pipeline: rows[0]?.id ?? 0, began: 5, reported: true });
  const left = async () => {
    const { rows } = await sql<{ count: number }>`
      select count(*) from pipeline_execution where trigger_kind = 'reported'`.execute(engine.db);
    return rows[0]?.count ?? 0;
  };
  const handle = engine.temporal.schedule.getHandle(`${engine.around.taskQueue}/maintenance`);
  await engine.db.transaction().execute(async (tx) => {
    // It is removed last, and waited for: the clean-up does not end before its worker does.
    await sql`select from pipeline_execution where id = ${last} for update`.execute(tx);
    await handle.trigger();
    await until(async () => (await left()) < 5_002, 60_000);
    await engine.killWorker();
  });

  await until(async () => (await left()) === 0, 120_000);
  const done = await until(async () => {
    const [last] = await listCleanUps(engine.db, 1);
    return last?.finished_at === null ? undefined : last;
  }, 60_000);
  expect(done).toMatchObject({ dry_run: false, error: null });
  await handle.delete();
}, 300_000);

/** As a person does it. */
async function cleanUp({ dryRun }: { readonly dryRun: boolean }): Promise<Removed> {
  const args = ['clean', '--json', ...(dryRun ? ['--dry-run'] : [])];
  const { code, out, err } = await highwater(args, packageRoot, { HIGHWATER_API: engine.url });
  if (code !== 0) throw new Error(err);
  return (JSON.parse(out) as CleanUp).removed;
}
