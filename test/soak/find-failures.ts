import { sql } from 'kysely';
import { findProcesses, hostsOf } from '../support/leftovers.ts';
import { mirrorDifferences } from '../support/mirror-differences.ts';
import { strayFiles } from '../support/stray-files.ts';
import { ENDS } from './files.ts';
import type { Accepted } from './load.ts';
import type { SoakStack } from './soak-stack.ts';
import type { Usage } from './usage.ts';

export interface Soak {
  readonly stack: SoakStack;
  readonly accepted: readonly Accepted[];
  readonly before: Readonly<Record<string, Usage>>;
  readonly after: Readonly<Record<string, Usage>>;
  /** The processes that belong to the stack. */
  readonly own: readonly number[];
}

/** A process may keep this much more than it began with: its heap is not compacted at once. */
const MORE_MIB = 60;
const MORE_FILES = 10;
/** What tools keep in the temporary folder on purpose: compiled sources, for the next process. */
const CACHES = /^(tsx-|node-compile-cache)/;

/** Everything that is not as it should be after a soak, in words; empty when it passed. */
export async function findFailures(soak: Soak): Promise<string[]> {
  return [
    ...(await wrongEnds(soak)),
    ...(await wrongMirror(soak)),
    ...(await wrongRows(soak)),
    ...(await leftovers(soak)),
    ...leaks(soak),
  ];
}

async function wrongEnds({ stack: { db }, accepted }: Soak): Promise<string[]> {
  const rows = await db.selectFrom('pipeline_execution').select(['id', 'state', 'error']).execute();
  const states = new Map(rows.map((row) => [row.id, row]));
  return accepted.flatMap(({ id, pipeline }) => {
    const row = states.get(id);
    if (row?.state === ENDS[pipeline]) return [];
    return [`run ${id} of ${pipeline} is ${row?.state ?? 'gone'}: ${JSON.stringify(row?.error)}`];
  });
}

async function wrongMirror({ stack, accepted }: Soak): Promise<string[]> {
  const found: string[] = [];
  for (const { id } of accepted) {
    found.push(...(await mirrorDifferences(stack.db, stack.temporal, id)));
  }
  return found;
}

async function wrongRows({ stack: { warehouse }, accepted }: Soak): Promise<string[]> {
  const ids = accepted.filter(({ pipeline }) => pipeline === 'delivery').map(({ id }) => id);
  const found: string[] = [];
  for (const table of ['appended', 'merged']) {
    const { rows } = await sql<{ run: number; all: number; different: number }>`
      select run::int, count(*)::int as all, count(distinct i)::int as different
      from ${sql.table(table)} group by run`.execute(warehouse);
    const counts = new Map(rows.map((row) => [row.run, row]));
    for (const id of ids) {
      const row = counts.get(id);
      if (row?.all === 1_000 && row.different === 1_000) continue;
      found.push(
        `run ${id} left ${row?.all ?? 0} rows in ${table}, ${row?.different ?? 0} of them different`,
      );
    }
  }
  return found;
}

async function leftovers({ stack, own }: Soak): Promise<string[]> {
  const { worker } = await stack.pids();
  const hosts = await hostsOf(stack.home, worker);
  const others = await findProcesses(stack.home, [...own, ...hosts]);
  const orphans = others.filter((line) => !/esbuild|temporal server/.test(line));
  const files = await strayFiles(stack.db, stack.temporal, stack.home);
  const temporary = (await stack.temporaryFiles()).filter((name) => !CACHES.test(name));
  return [...orphans, ...files, ...temporary].map((what) => `left behind: ${what}`);
}

function leaks({ before, after }: Soak): string[] {
  return Object.entries(before).flatMap(([name, was]) => {
    const is = after[name];
    const isFine = is && is.rssMib <= was.rssMib + MORE_MIB && is.files <= was.files + MORE_FILES;
    return isFine ? [] : [`${name} grew from ${JSON.stringify(was)} to ${JSON.stringify(is)}`];
  });
}
