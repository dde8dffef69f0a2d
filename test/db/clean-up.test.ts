import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startPace } from '../../db/maintenance/batches.ts';
import { cleanUp, countOld } from '../../db/maintenance/clean-up.ts';
import { cutoffForAll, listCutoffs } from '../../db/maintenance/cutoffs.ts';
import { openDb, type Db } from '../../db/database.ts';
import { nothingRemoved } from '../../db/maintenance/removed.ts';
import { createLog } from '../../runtime/log.ts';
import { createDatabase } from '../support/servers.ts';
import { until } from '../support/until.ts';
import {
  addArtifact,
  addEverything,
  addFreshnessLog,
  addLine,
  addRun,
  idsOf,
} from './old-things.ts';

const DAY_MS = 86_400_000;

let db: Db;

beforeAll(async () => {
  db = openDb(await createDatabase(), createLog('test', 'silent'), 3);
  await sql`insert into pipeline_type (name) values ('test')`.execute(db);
});
afterAll(() => db.destroy());

beforeEach(async () => {
  await sql`truncate pipeline, pipeline_execution, artifact_removal, check_queue restart identity cascade`.execute(
    db,
  );
  await sql`insert into pipeline (name, pipeline_type_id) values ('apples', 1), ('pears', 1)`.execute(
    db,
  );
});

describe('a clean-up of what began more than 90 days ago', () => {
  test('goes by date: a lower id may be newer', async () => {
    const newer = await addRun(db, { began: 1, reported: true });
    await addRun(db, { began: 95, reported: true });
    const newest = await addRun(db, { began: 0, reported: true });

    expect(await clean()).toMatchObject({ runs: 1 });
    expect(await idsOf(db, 'pipeline_execution')).toEqual([newer, newest]);
  });

  test('removes and counts everything that hangs on a run', async () => {
    const [old, kept] = [await addRun(db, { began: 95 }), await addRun(db, { began: 5 })];
    const child = await addRun(db, { began: 95, parent: old });
    for (const run of [old, child, kept]) await addEverything(db, run);
    await addFreshnessLog(db, 1, 95);
    await addFreshnessLog(db, 1, 5);

    expect(await clean()).toEqual({
      ...{ runs: 2, block_runs: 2, log_lines: 2, artifacts: 2 },
      ...{ closure_parents: 3, closure_children: 0 },
      ...{ timeliness_logs: 2, freshness_logs: 1, anomaly_results: 2, events: 0 },
      ...{ watermark_changes: 0, notices: 0 },
    });
    const left = ['block_run', 'log_line', 'artifact', 'check_queue'];
    for (const table of left) expect(await idsOf(db, table, 'execution_id')).toEqual([kept]);
    expect(await idsOf(db, 'artifact_removal', 'execution_id')).toEqual([old, child]);
  });

  test('leaves a run that is newer than its parent, without it', async () => {
    const root = await addRun(db, { began: 95 });
    const child = await addRun(db, { began: 5, parent: root });
    const grandchild = await addRun(db, { began: 5, parent: child });

    expect(await clean()).toMatchObject({ runs: 1, closure_parents: 3, closure_children: 0 });
    expect(await idsOf(db, 'pipeline_execution', 'parent_id')).toEqual([child, null]);
    const below = await idsOf(db, 'pipeline_execution_closure', 'child_execution_id');
    expect(below).toEqual([child, grandchild, grandchild]);
  });

  test('leaves runs of ours that go on, and those below them', async () => {
    const open = await addRun(db, { began: 95, state: 'running' });
    const below = await addRun(db, { began: 95, parent: open });
    const queued = await addRun(db, { began: null, asked: 95, state: 'queued' });
    await addRun(db, { began: null, asked: 95, state: 'cancelled' });
    await addRun(db, { began: 95, state: 'running', reported: true });

    expect(await clean()).toMatchObject({ runs: 2 });
    expect(await idsOf(db, 'pipeline_execution')).toEqual([open, below, queued]);
  });

  test('works in transactions of no more rows than it may', async () => {
    for (let n = 0; n < 25; n += 1) await addRun(db, { began: 91 + (n % 3), reported: true });
    let batches = 0;
    const removed = await clean({ most: 4, onBatch: () => (batches += 1) });

    expect(removed).toMatchObject({ runs: 25 });
    expect(batches).toBeGreaterThanOrEqual(7);
  });

  test('goes on where an interrupted one stopped', async () => {
    for (let n = 0; n < 20; n += 1) await addRun(db, { began: 95, reported: true });
    const interruption = new AbortController();
    const removed = nothingRemoved();
    const onBatch = () => {
      if (removed.runs >= 8) interruption.abort();
    };
    const pace = startPace({ most: 4, signal: interruption.signal, onBatch });
    await expect(cleanUp(db, await cutoffs(), pace, removed)).rejects.toThrow('aborted');
    expect(await idsOf(db, 'pipeline_execution')).toHaveLength(20 - removed.runs);

    expect(await clean()).toMatchObject({ runs: 20 - removed.runs });
    expect(await idsOf(db, 'pipeline_execution')).toEqual([]);
  });

  test('waits for a run that is being checked, instead of leaving it', async () => {
    const old = await addRun(db, { began: 95 });
    const { cleaning } = await db.transaction().execute(async (tx) => {
      await sql`select from pipeline_execution where id = ${old} for update`.execute(tx);
      const cleaning = clean();
      await until(async () => {
        const { rows } = await sql`
          select from pg_stat_activity
          where datname = current_database() and wait_event_type = 'Lock'`.execute(db);
        return rows.length > 0;
      });
      return { cleaning };
    });
    expect(await cleaning).toMatchObject({ runs: 1 });
  });

  test('shares the work with another one at the same time', async () => {
    for (let n = 0; n < 60; n += 1) await addEverything(db, await addRun(db, { began: 95 }));
    const both = await Promise.all([clean({ most: 7 }), clean({ most: 7 })]);

    expect(both.reduce((sum, { runs }) => sum + runs, 0)).toBe(60);
    expect(both.reduce((sum, { log_lines }) => sum + log_lines, 0)).toBe(60);
  });
});

describe('a clean-up by what pipelines keep', () => {
  const keep = { runsMs: 30 * DAY_MS, logsMs: 7 * DAY_MS, artifactsMs: 2 * DAY_MS };

  test('follows each pipeline, and the project where that says nothing', async () => {
    await sql`update pipeline set keep_runs_s = 86400 where name = 'pears'`.execute(db);
    const kept = await addRun(db, { pipeline: 1, began: 5 });
    await addRun(db, { pipeline: 1, began: 31 });
    await addRun(db, { pipeline: 2, began: 5 });

    expect(await cleanUp(db, await listCutoffs(db, keep), startPace())).toMatchObject({ runs: 2 });
    expect(await idsOf(db, 'pipeline_execution')).toEqual([kept]);
  });

  test('removes nothing where nobody says how long', async () => {
    await addEverything(db, await addRun(db, { began: 4000 }));
    expect(await cleanUp(db, await listCutoffs(db, {}), startPace())).toEqual(nothingRemoved());
  });

  test('leaves reported runs that may still end', async () => {
    const open = await addRun(db, { began: 40, state: 'running', reported: true });
    await addRun(db, { began: 91, state: 'running', reported: true });

    expect(await cleanUp(db, await listCutoffs(db, keep), startPace())).toMatchObject({ runs: 1 });
    expect(await idsOf(db, 'pipeline_execution')).toEqual([open]);
  });

  test('removes log lines by their own age, through many pages', async () => {
    await sql`update pipeline set keep_logs_s = 864000000 where name = 'pears'`.execute(db);
    const [apples, pears] = [
      await addRun(db, { pipeline: 1, began: 20 }),
      await addRun(db, { pipeline: 2, began: 20 }),
    ];
    for (const days of [20, 19, 8, 6, 0]) {
      await addLine(db, apples, days);
      await addLine(db, pears, days);
    }
    const removed = await cleanUp(db, await listCutoffs(db, keep), startPace({ most: 2 }));

    expect(removed).toMatchObject({ runs: 0, log_lines: 3 });
    const left = await idsOf(db, 'log_line', 'execution_id');
    expect(left).toEqual([apples, apples, pears, pears, pears, pears, pears]);
  });

  test('gives up old artifacts, but none of a run that goes on or hangs on one that does', async () => {
    const ended = await addRun(db, { began: 9 });
    const open = await addRun(db, { began: 9, state: 'running' });
    const below = await addRun(db, { began: 9, parent: open });
    const old = await addArtifact(db, ended, 'a', 9);
    const kept = [
      await addArtifact(db, ended, 'b', 1),
      await addArtifact(db, open, 'a', 9),
      await addArtifact(db, below, 'a', 9),
    ];
    const removed = await cleanUp(db, await listCutoffs(db, keep), startPace({ most: 1 }));

    expect(removed).toMatchObject({ runs: 0, artifacts: 1 });
    expect(await idsOf(db, 'artifact', 'uri')).toEqual(kept.sort());
    expect(await idsOf(db, 'artifact_removal', 'uri')).toEqual([old]);
  });

  test('with the last artifact of a run goes whatever there is of it, also without a row', async () => {
    const [run, other] = [await addRun(db, { began: 11 }), await addRun(db, { began: 9 })];
    const first = await addArtifact(db, run, 'a', 11);
    await addArtifact(db, run, 'b', 9);
    const old = await addArtifact(db, other, 'a', 8);
    await addArtifact(db, other, 'b', 1);

    await cleanUp(db, await listCutoffs(db, keep), startPace({ most: 1 }));

    const asked = await db
      .selectFrom('artifact_removal')
      .select(['execution_id', 'uri'])
      .orderBy('id')
      .execute();
    expect(asked).toEqual([
      { execution_id: run, uri: first },
      { execution_id: run, uri: null },
      { execution_id: other, uri: old },
    ]);
  });

  test('a dry run counts what a clean-up then removes, and leaves it', async () => {
    const old = await addRun(db, { began: 40 });
    const child = await addRun(db, { began: 35, parent: old });
    const newer = await addRun(db, { began: 10, parent: child });
    for (const run of [old, child, newer]) await addEverything(db, run);
    for (const days of [9, 8, 1]) await addLine(db, newer, days);
    await addArtifact(db, newer, 'b', 9);
    await addFreshnessLog(db, 2, 40);
    const before = await idsOf(db, 'pipeline_execution');

    const counted = await countOld(db, await listCutoffs(db, keep));

    expect(await idsOf(db, 'pipeline_execution')).toEqual(before);
    expect(await cleanUp(db, await listCutoffs(db, keep), startPace())).toEqual(counted);
    expect(counted).toMatchObject({ runs: 2, log_lines: 4, artifacts: 3, freshness_logs: 1 });
  });
});

async function clean(options: Parameters<typeof startPace>[0] = {}) {
  return cleanUp(db, await cutoffs(), startPace(options));
}

function cutoffs() {
  return cutoffForAll(db, new Date(Date.now() - 90 * DAY_MS));
}
