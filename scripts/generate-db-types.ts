import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { openDb } from '../db/database.ts';
import { migrate } from '../db/migrate.ts';
import { startTemporaryPostgres } from '../local/temporary-postgres.ts';
import { createLog } from '../runtime/log.ts';

// Writes db/schema.generated.ts from what the migrations make of an empty database.
const postgres = await startTemporaryPostgres();
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
}
