import type { TestProject } from 'vitest/node';
import { openDb } from '../../db/database.ts';
import { migrate } from '../../db/migrate.ts';
import { claimPort } from '../../local/port.ts';
import { findTemporalBinary } from '../../local/temporal-binary.ts';
import { startTemporal } from '../../local/temporal.ts';
import { startTemporaryPostgres } from '../../local/temporary-postgres.ts';
import { readConfig } from '../../runtime/config.ts';
import { createLog } from '../../runtime/log.ts';
import { buildPackage } from '../../scripts/build-package.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Of the migrated database that test databases are copies of. */
    templateUrl: string;
    temporalAddress: string;
    /** The folder of a package made from what is in the checkout now. */
    builtRoot: string;
  }
}

/** One real Postgres, one real Temporal and one built package for all files. */
export default async function startServers(project: TestProject): Promise<() => Promise<void>> {
  const { temporalCliPath: path, cache } = readConfig(process.env);
  const say = (line: string) => process.stderr.write(`${line}\n`);
  const [port, uiPort] = [await freePort('Temporal'), await freePort('Web UI')];
  const binary = await findTemporalBinary({ path, cache, env: process.env, log: say });
  const [built, postgres, temporal] = await Promise.all([
    buildPackage(),
    startTemporaryPostgres(),
    startTemporal({
      ...{ binary, port, uiPort, namespace: 'default', env: process.env },
      log: () => undefined,
    }),
  ]);
  const db = openDb(postgres.url, createLog('test', 'warn'), 1);
  await migrate(db);
  await db.destroy();
  project.provide('templateUrl', postgres.url);
  project.provide('temporalAddress', temporal.address);
  project.provide('builtRoot', built.root);
  return async () => {
    await Promise.all([postgres.stop(), temporal.stop(), built.remove()]);
  };
}

function freePort(purpose: string): Promise<number> {
  return claimPort(0, purpose, 'none');
}
