import { untilBack } from '../db/away.ts';
import type { HostConnection, HostWork } from '../hosts/protocol.ts';
import { evaluateText } from '../plan/expression.ts';
import type { Language, Plan, PlannedBlock, Work } from '../plan/plan.ts';
import { Fault } from '../runtime/fault.ts';
import type { Sources } from './sources.ts';

export interface WorkDeps {
  readonly sources: Sources;
  /** The worker's environment, which connections refer to as `${{ env.NAME }}`. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

export interface ResolvedWork {
  /** The host that does it. */
  readonly language: Language;
  readonly work: HostWork;
}

/** A block's work as its host needs it: code as files on this machine, connections with their secrets. */
export async function resolveWork(
  deps: WorkDeps,
  plan: Plan,
  { work, kind }: PlannedBlock,
  signal: AbortSignal,
): Promise<ResolvedWork> {
  if (work.type === 'code') {
    const { folder, entry } = await untilBack(() => deps.sources.get(work.source), signal);
    return { language: work.language, work: { type: 'code', folder, entry } };
  }
  if (work.type === 'sql') {
    const { files, entry } = await untilBack(() => deps.sources.get(work.source), signal);
    const connection = work.connection === null ? null : connect(deps, plan, work.connection);
    const sql = { text: files[entry] ?? '', file: entry, connection };
    const counted = kind === 'exporter' && connection !== null;
    return { language: 'typescript', work: { type: 'sql', ...sql, counted } };
  }
  return { language: 'typescript', work: resolveTransfer(deps, plan, work) };
}

type Transfer = Exclude<Work, { type: 'code' } | { type: 'sql' }>;

function resolveTransfer(deps: WorkDeps, plan: Plan, work: Transfer): HostWork {
  switch (work.type) {
    case 'read_file':
    case 'write_file':
      return work;
    case 'read_table':
    case 'write_table':
      return { ...work, connection: connect(deps, plan, work.connection) };
    case 'check_file':
    case 'check_query':
    case 'check_url':
    case 'check_pipeline':
      throw new Fault('block.invalid', 'A check of a sensor is no work of a host');
    case 'pipeline':
      throw new Fault('block.invalid', `${work.pipeline} is a sub-pipeline and runs in no host`);
  }
}

export function connect(
  { environment }: Pick<WorkDeps, 'environment'>,
  plan: Plan,
  name: string,
): HostConnection {
  const spec = plan.connections[name];
  if (!spec) throw new Fault('connection.invalid', `The plan has no connection ${name}`);
  const url = evaluateText(spec.url, { env: environment });
  return { name, type: spec.type, url };
}
