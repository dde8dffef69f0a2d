import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { inject } from 'vitest';

/** A migrated database of its own; answers its url. */
export async function createDatabase(): Promise<string> {
  const name = `test_${randomBytes(6).toString('hex')}`;
  const template = new URL(inject('templateUrl'));
  const client = new pg.Client({ connectionString: changePath(template, 'postgres') });
  await client.connect();
  try {
    await client.query(`create database ${name} template ${template.pathname.slice(1)}`);
  } finally {
    await client.end();
  }
  return changePath(template, name);
}

export function temporalAddress(): string {
  return inject('temporalAddress');
}

/** Test files share one Temporal; their own task queue keeps them apart. */
export function newTaskQueue(): string {
  return `test-${randomBytes(6).toString('hex')}`;
}

function changePath(url: URL, database: string): string {
  const changed = new URL(url);
  changed.pathname = database;
  return changed.href;
}
