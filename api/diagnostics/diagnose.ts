import { readConnections } from '../../db/diagnostics/connections.ts';
import { readLocks } from '../../db/diagnostics/locks.ts';
import { readQueues } from '../../db/diagnostics/queues.ts';
import { readSchema } from '../../db/diagnostics/schema.ts';
import {
  judgeConnections,
  judgeLocks,
  judgeQueues,
  judgeSchema,
  judgeWorkers,
} from '../../metadata/findings.ts';
import {
  PARTS,
  type Diagnostics,
  type DiagnosticsPart,
  type Facts,
  type Finding,
  type Part,
} from '../contract/diagnostics.ts';
import type { ApiDeps } from '../deps.ts';
import { readWorkers } from './workers.ts';

/** One part of the diagnostics, with what is to be said about it. */
export async function diagnosePart(deps: ApiDeps, part: Part): Promise<DiagnosticsPart> {
  const { facts, findings } = await READERS[part](deps);
  return { ...judged(findings), [part]: facts };
}

/** All parts, one after the other: a diagnosis must not be a load of its own. */
export async function diagnose(deps: ApiDeps): Promise<Diagnostics> {
  const findings: Finding[] = [];
  const facts: Record<string, unknown> = {};
  for (const part of PARTS) {
    const read = await READERS[part](deps);
    facts[part] = read.facts;
    findings.push(...read.findings);
  }
  return { ...judged(findings), ...(facts as unknown as Facts) };
}

function judged(findings: readonly Finding[]) {
  return { healthy: findings.every(({ level }) => level !== 'error'), findings: [...findings] };
}

type Reader = (deps: ApiDeps) => Promise<{ facts: Facts[Part]; findings: Finding[] }>;

/** Dates become text here, as JSON has no others. */
const READERS: Readonly<Record<Part, Reader>> = {
  connections: reader('connections', ({ db }) => readConnections(db), judgeConnections),
  schema: reader('schema', ({ db }) => readSchema(db), judgeSchema),
  locks: reader('locks', ({ db }) => readLocks(db), judgeLocks),
  queues: reader('queues', ({ db }) => readQueues(db), judgeQueues),
  workers: reader('workers', readWorkers, judgeWorkers),
};

function reader<Read>(
  part: Part,
  read: (deps: ApiDeps) => Promise<Read>,
  judge: (facts: Read) => readonly Omit<Finding, 'part'>[],
): Reader {
  return async (deps) => {
    const facts = await read(deps);
    const findings = judge(facts).map((finding) => ({ part, ...finding }));
    return { facts: JSON.parse(JSON.stringify(facts)) as Facts[Part], findings };
  };
}
