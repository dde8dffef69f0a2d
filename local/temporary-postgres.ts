import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { claimPort } from './port.ts';
import { startPostgres, type RunningPostgres } from './postgres.ts';

/** A server on a free port whose data go when it stops. It is fast because a crash may lose them. */
export async function startTemporaryPostgres(
  log: (line: string) => void = () => undefined,
): Promise<RunningPostgres> {
  const dir = await mkdtemp(join(tmpdir(), 'highwater-postgres-'));
  await chmod(dir, 0o711); // Postgres' own user has to get in
  const remove = () => rm(dir, { recursive: true, force: true });
  try {
    const port = await claimPort(0, 'Postgres', 'HIGHWATER_POSTGRES_PORT');
    const settings = { fsync: 'off', full_page_writes: 'off' };
    const postgres = await startPostgres({ dir, port, log, settings });
    return { ...postgres, stop: () => postgres.stop().finally(remove) };
  } catch (error) {
    await remove();
    throw error;
  }
}
