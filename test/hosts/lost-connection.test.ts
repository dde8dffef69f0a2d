import pg from 'pg';
import { describe, expect, it } from 'vitest';
import type { HostWork } from '../../hosts/protocol.ts';
import { failure } from '../../hosts/test-pool.ts';
import { until } from '../support/until.ts';
import { testWarehouse } from './warehouse.ts';

const { connection, query, table, newName, write, deliver } = testWarehouse();

describe('an exporter whose Postgres is away', () => {
  it('delivers in the same attempt, and once, when its connection is ended on the way', async () => {
    const name = newName();
    const input = await table('select i from range(1000) t(i)');
    await query(`create table ${name} (i bigint)`);
    const holder = new pg.Client({ connectionString: connection.url });
    await holder.connect();
    await holder.query(`begin; lock table ${name} in access exclusive mode`);
    const delivering = deliver(write(name, 'append'), input);
    await until(async () => {
      const ended = await query(`
        select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and wait_event_type = 'Lock'`);
      return ended.length > 0;
    });
    await holder.end();

    const { result } = await delivering;

    expect(result.delivered).toEqual({ inserts: 1_000, updates: 0, soft_deletes: 0 });
    expect(await query(`select count(*)::int from ${name}`)).toEqual([{ count: 1_000 }]);
  });

  it('waits for a connection that does not answer, then names it, and keeps its password to itself', async () => {
    const away = { ...connection, url: 'postgres://me:secret@127.0.0.1:1/x' };
    const work = { ...write('t', 'append'), connection: away } as HostWork;
    const from = Date.now();
    const error = (await failure(deliver(work, await table('select 1 as n')))) as Error;
    expect(Date.now() - from).toBeGreaterThan(20_000);
    expect(error).toMatchObject({ code: 'connection.unavailable', retryable: true });
    expect(error.message).toContain('Connection warehouse does not answer');
    expect(error.message).not.toContain('secret');
  });

  it('does not retry a wrong password or an unusable url', async () => {
    const wrong = new URL(connection.url);
    wrong.password = 'wrong';
    const input = await table('select 1 as n');
    for (const bad of [wrong.href, 'not a url']) {
      const work = { ...write('t', 'append'), connection: { ...connection, url: bad } } as HostWork;
      expect(await failure(deliver(work, input))).toMatchObject({ code: 'connection.invalid' });
    }
  });
});
