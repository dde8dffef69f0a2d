import { untilBack } from '../../db/away.ts';
import type { Db } from '../../db/database.ts';
import type { HostPool } from '../../hosts/pool.ts';
import type { HostWork } from '../../hosts/protocol.ts';
import { evaluateSensorText, type SensorScope } from '../../plan/expression.ts';
import type { Language } from '../../plan/plan.ts';
import { Fault } from '../../runtime/fault.ts';
import type { BlockTask, RunContext } from '../../workflows/activities.ts';
import type { AttemptRecord } from '../attempt-record.ts';
import { connect, resolveWork } from '../host-work.ts';
import type { Planned } from '../plans.ts';
import { requestFor, type AttemptDeps } from '../run-attempt.ts';
import { checkFile } from './check-file.ts';
import { checkPipeline } from './check-pipeline.ts';
import { checkUrl } from './check-url.ts';
import { seenAs, type Seen } from './seen.ts';
import { lookWithin, lookWithinHost } from './within.ts';

export interface LookDeps extends Omit<AttemptDeps, 'hosts'> {
  readonly db: Db;
  /** The hosts for checks, which are few: blocks that work never wait for a check. */
  readonly checkHosts: Pick<HostPool, 'run'>;
}

interface Look extends Planned {
  readonly task: BlockTask;
  /** Of this check, from 1. */
  readonly number: number;
  readonly log: AttemptRecord['log'];
  readonly cancelled: AbortSignal;
}

/** Looks once at what a sensor waits for. Fails when that can't be told; "not yet" is no failure. */
export async function look(deps: LookDeps, looking: Look): Promise<Seen> {
  const { task, block, cancelled } = looking;
  const { work, policy } = block;
  const text = (its: string) => evaluateSensorText(its, scopeOf(deps, task.run));
  if (work.type === 'check_file') return checkFile(text(work.file), deps.projectDir);
  if (work.type === 'check_pipeline') {
    return lookWithin(policy.timeoutMs, cancelled, (signal) =>
      untilBack(() => checkPipeline(deps.db, work, task.run), signal),
    );
  }
  if (work.type !== 'check_url') {
    return lookWithinHost(policy.timeoutMs, () => lookInHost(deps, looking));
  }
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(work.headers)) headers[name] = text(value);
  const asked = { ...work, url: text(work.url), headers };
  return lookWithin(policy.timeoutMs, cancelled, (signal) => checkUrl(asked, signal));
}

function scopeOf({ environment: env }: LookDeps, run: RunContext): SensorScope {
  const { executionId: id, pipeline, params, watermark } = run;
  const { scheduledAt: scheduled_at, intervalStart, intervalEnd } = run;
  const times = { scheduled_at, interval_start: intervalStart, interval_end: intervalEnd };
  return { env, params, watermark, run: { id, pipeline, ...times } };
}

/** Code and SQL run where those of other blocks do; nothing that they write is kept. */
async function lookInHost(deps: LookDeps, looking: Look): Promise<Seen> {
  const { task, plan, block, number: attempt, cancelled: signal, log } = looking;
  const { language, work } = await hostWork(deps, looking);
  const folder = deps.store.attemptFolder(task.run.executionId, block.name, attempt);
  try {
    const request = { work, ...(await requestFor(deps, { task, attempt }, plan, block, folder)) };
    const io = { signal, timeoutMs: block.policy.timeoutMs, onLog: log };
    const { result } = await deps.checkHosts.run(language, request, io);
    if (!result.file) return seenAs(result.value);
    throw new Fault('output.invalid', 'A sensor returns true or false, and this one returned rows');
  } finally {
    await deps.store.discard(folder);
  }
}

async function hostWork(
  deps: LookDeps,
  { plan, block, cancelled }: Look,
): Promise<{ readonly language: Language; readonly work: HostWork }> {
  if (block.work.type === 'check_query') {
    const { query: text, connection } = block.work;
    const where = connection === null ? null : connect(deps, plan, connection);
    const work = { type: 'ask', text, file: `query of ${block.name}`, connection: where } as const;
    return { language: 'typescript', work };
  }
  const { language, work } = await resolveWork(deps, plan, block, cancelled);
  return { language, work: work.type === 'sql' ? { ...work, type: 'ask' } : work };
}
