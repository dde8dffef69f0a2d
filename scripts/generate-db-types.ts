import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { openDb } from '../db/database.ts';
import { migrate } from '../db/migrate.ts';
import { claimPort } from '../local/port.ts';
import { startPostgres } from '../local/postgres.ts';
import { createLog } from '../runtime/log.ts';

// Writes db/schema.generated.ts from what the migrations make of an empty database.
const dir = await mkdtemp(join(tmpdir(), 'highwater-schema-'));
const port = await claimPort(0, 'Postgres', 'HIGHWATER_POSTGRES_PORT');
const postgres = await startPostgres({ dir, port, log: () => undefined });
try {
  const db = openDb(postgres.url, createLog('schema', 'warn'));
  await migrate(db);
  await db.destroy();
  const cli = createRequire(import.meta.url).resolve('kysely-codegen');
  const target = new URL('../db/schema.generated.ts', import.meta.url).pathname;
  execFileSync(
    process.execPath,
    [
      join(dirname(cli), 'cli', 'bin.js'),
      ...['--dialect', 'postgres', '--url', postgres.url, '--out-file', target],
      ...['--numeric-parser', 'number', '--type-mapping', '{"int8":"number"}'],
      ...['--exclude-pattern', 'kysely_*'],
    ],
    { stdio: 'inherit' },
  );
} finally {
  await postgres.stop();
  await rm(dir, { recursive: true, force: true });
}
