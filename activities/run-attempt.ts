import type { ArtifactStore } from '../artifacts/store.ts';
import { partFile } from '../hosts/part-file.ts';
import type { HostPool } from '../hosts/pool.ts';
import type { HostRequest, HostResult } from '../hosts/protocol.ts';
import type { Plan, PlannedBlock } from '../plan/plan.ts';
import { Fault } from '../runtime/fault.ts';
import type { BlockOutput, BlockTask, Watermark } from '../workflows/activities.ts';
import type { AttemptRecord } from './attempt-record.ts';
import { timeLeft } from './deadline.ts';
import { resolveWork, type WorkDeps } from './host-work.ts';
import type { Planned, Plans } from './plans.ts';
import { countsIn } from './told-counts.ts';

/** What the mirror's column holds. */
const WATERMARK_LENGTH = 50;

export interface AttemptDeps extends WorkDeps {
  readonly hosts: HostPool;
  readonly plans: Plans;
  readonly store: ArtifactStore;
  /** The folder of the project; relative paths of blocks are relative to it. */
  readonly projectDir: string;
}

export interface Attempt {
  readonly task: BlockTask;
  readonly planned: Planned;
  readonly attempt: number;
  readonly record: AttemptRecord;
  readonly signal: AbortSignal;
  /** When the block was first scheduled, in ms since the epoch: its deadline counts from here. */
  readonly scheduledAt: number;
}

/** One attempt: what the block reads is found, a host runs it, what it wrote is published. */
export async function runAttempt(deps: AttemptDeps, attempt: Attempt): Promise<BlockOutput> {
  const { task, signal, record } = attempt;
  const { plan, block } = attempt.planned;
  const timeoutMs = timeLeft(block.policy, attempt.scheduledAt);
  if (timeoutMs <= 0) {
    throw new Fault('block.timed_out', 'The block did not begin within its deadline');
  }
  const { language, work } = await resolveWork(deps, plan, block, signal);
  const place = [task.run.executionId, block.name, attempt.attempt] as const;
  if (attempt.attempt > 1) await deps.store.discardBefore(...place);
  const folder = deps.store.attemptFolder(...place);
  const request = { work, ...(await requestFor(deps, attempt, plan, block, folder)) };
  try {
    const { result } = await deps.hosts.run(language, request, {
      signal,
      timeoutMs,
      onLog: record.log,
      onUsage: record.used,
    });
    const told = block.kind === 'exporter' ? countsIn(result.value) : undefined;
    const counted = told ? { delivered: told, ...result } : result;
    const output = await publish(deps.store, folder, counted, attempt.attempt);
    await record.succeeded(output, result.file);
    return output;
  } catch (error) {
    await deps.store.discard(folder);
    if (work.type === 'write_file') await partFile(request, work.file).discard();
    throw error;
  }
}

/** What a host is told besides the work. */
export async function requestFor(
  deps: Pick<AttemptDeps, 'store' | 'projectDir'>,
  { task, attempt }: Pick<Attempt, 'task' | 'attempt'>,
  plan: Plan,
  block: PlannedBlock,
  folder: string,
): Promise<Omit<HostRequest, 'id' | 'work'>> {
  const { run } = task;
  return {
    inputs: await Promise.all(
      block.inputs.map(async ({ alias, block: source }) => ({
        alias,
        ...(await locate(deps.store, source, task.inputs[source])),
      })),
    ),
    params: run.params,
    watermark: run.watermark,
    run: {
      id: run.executionId,
      key: run.workflowId,
      pipeline: run.pipeline,
      block: block.name,
      attempt,
      scheduledAt: run.scheduledAt,
      intervalStart: run.intervalStart,
      intervalEnd: run.intervalEnd,
    },
    output: {
      folder,
      inlineBytes: plan.inlineBytes,
      watermarkColumn: plan.watermark?.block === block.name ? plan.watermark.column : null,
    },
    projectDir: deps.projectDir,
  };
}

async function locate(store: ArtifactStore, block: string, output: BlockOutput | undefined) {
  if (output?.artifact) {
    return { path: await store.resolve(output.artifact), format: output.artifact.format };
  }
  if (output?.value !== undefined) return { value: output.value };
  throw new Fault('output.invalid', `Block ${block} left no output that could be read`);
}

async function publish(
  store: ArtifactStore,
  folder: string,
  { rows, file, value, watermark, delivered }: HostResult,
  attempt: number,
): Promise<BlockOutput> {
  if (watermark) requireStorable(watermark);
  const artifact = file && (await store.publish(folder, { ...file, rows }));
  if (!artifact) await store.discard(folder);
  return {
    attempt,
    rows,
    ...(artifact && { artifact }),
    ...(value !== undefined && { value }),
    ...(watermark && { watermark }),
    ...(delivered && { delivered }),
  };
}

/** The end of the run could not be written otherwise, however often it is tried. */
function requireStorable({ value }: Watermark): void {
  if (value.length <= WATERMARK_LENGTH && !value.includes('\0')) return;
  throw new Fault(
    'output.invalid',
    `The watermark's greatest value has ${value.length} characters or holds a NUL: choose a column of at most ${WATERMARK_LENGTH}`,
  );
}
