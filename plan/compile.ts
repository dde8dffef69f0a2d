import type { BlockDefinition } from '../pipeline/block.ts';
import type { Concurrency } from '../pipeline/concurrency.ts';
import { connectionsOf } from '../pipeline/checks/check-connections.ts';
import type { PipelineDefinition, ProjectDefinition } from '../pipeline/definition.ts';
import { inOrderOf } from '../pipeline/graph.ts';
import { inputsOf, waitsOf } from '../pipeline/inputs.ts';
import type { ParamDefinition } from '../pipeline/param.ts';
import { Fault } from '../runtime/fault.ts';
import { poolUse } from '../pipeline/pool.ts';
import { rulesOf } from './anomalies.ts';
import { hashOf } from './hash.ts';
import type {
  BlockInput,
  BlockSource,
  Compiled,
  ConcurrencySpec,
  ParamSpec,
  Plan,
  PlannedBlock,
} from './plan.ts';
import { policyOf } from './policy.ts';
import { blocksReadBy } from './references.ts';
import { retentionOf } from './retention.ts';
import { plannedTriggers } from './triggers.ts';
import { timesOf, workOf, type WorkParts } from './work.ts';

/** Definitions without errors, and the sources of the files that their blocks name. */
export interface Definitions {
  readonly project: ProjectDefinition;
  readonly pipelines: ReadonlyMap<string, PipelineDefinition>;
  /** By the file as blocks name it. */
  readonly sources: ReadonlyMap<string, BlockSource>;
}

const LARGEST_INLINE_BYTES = 64 * 1024;
/** What the JSON values of one run may weigh together in Temporal's history. */
const INLINE_BYTES_OF_RUN = 1024 * 1024;

/** Turns a pipeline into the plan that its runs follow. Equal definitions give equal hashes. */
export function compile(
  name: string,
  definitions: Definitions,
  done: Map<string, Compiled> = new Map(),
): Compiled {
  const ready = done.get(name);
  if (ready) return ready;
  const definition = definitions.pipelines.get(name);
  if (!definition) throw new Fault('pipeline.not_found', `There is no pipeline ${name}`);

  const children = new Map(
    childrenOf(definition).map((child) => [child, compile(child, definitions, done)]),
  );
  const hashes = new Map([...children].map(([child, { plan }]) => [child, plan.hash]));
  const compiled = {
    plan: planOf(name, definition, definitions, hashes),
    sources: sourcesOf(definition, definitions),
    children: [...children.values()],
  };
  done.set(name, compiled);
  return compiled;
}

/** The pipelines that a pipeline runs, each once. */
export function childrenOf({ blocks }: PipelineDefinition): string[] {
  return [...new Set(Object.values(blocks).flatMap(childOf))];
}

/** The block files of a pipeline, each once. */
export function filesOf({ blocks }: PipelineDefinition): string[] {
  const files = Object.values(blocks).map((block) =>
    block.kind === 'pipeline' ? undefined : block.file,
  );
  return [...new Set(files.filter((file) => file !== undefined))];
}

function childOf(block: BlockDefinition): string[] {
  return block.kind === 'pipeline' && block.pipeline !== undefined ? [block.pipeline] : [];
}

function planOf(
  name: string,
  definition: PipelineDefinition,
  { project, sources }: Definitions,
  plans: WorkParts['plans'],
): Plan {
  const { blocks, defaults = {}, description, type, tags, params } = definition;
  const { metadata, active, mute } = definition;
  const entries = Object.entries(blocks);
  const order = inOrderOf(new Map(entries.map(([block, its]) => [block, waitsOf(its)])));
  if (!order) throw new Fault('pipeline.invalid', `The blocks of ${name} wait for each other`);

  const planned = order.map((block) =>
    plannedBlock(block, blocks, [defaults, project.defaults ?? {}], { plans, sources }),
  );
  const anomalies = rulesOf(definition.anomalies);
  const retention = retentionOf([definition.retention, project.defaults?.retention]);
  const triggers = plannedTriggers(definition.triggers);
  const unhashed: Omit<Plan, 'hash'> = {
    irVersion: 1,
    pipeline: name,
    type,
    description,
    tags,
    ...(metadata && { metadata }),
    ...(active !== undefined && { active }),
    ...(mute && { mute }),
    params: Object.fromEntries(Object.entries(params).map(([key, its]) => [key, specOf(its)])),
    watermark: definition.watermark ?? null,
    freshness: definition.freshness ?? null,
    timeliness: definition.timeliness ?? null,
    ...(anomalies.length > 0 && { anomalies }),
    ...(definition.concurrency && { concurrency: limitSpecOf(definition.concurrency) }),
    ...(retention && { retention }),
    connections: usedConnections(entries, project),
    inlineBytes: inlineBytesOf(planned),
    blocks: planned,
    ...(triggers.length > 0 && { triggers }),
  };
  return { ...unhashed, hash: hashOf(unhashed) };
}

function plannedBlock(
  name: string,
  blocks: PipelineDefinition['blocks'],
  defaults: Parameters<typeof policyOf>[1],
  parts: WorkParts,
): PlannedBlock {
  const block = blocks[name];
  if (!block) throw new Fault('pipeline.invalid', `There is no block ${name}`);
  return {
    name,
    kind: block.kind,
    after: waitsOf(block),
    inputs: plannedInputs(block),
    work: workOf(name, block, parts),
    policy: policyOf(block, defaults),
    ...('pool' in block && block.pool && { pool: poolUse(block.pool) }),
    ...(block.kind === 'sensor' && { sensor: timesOf(block) }),
  };
}

/** Small enough that all values, however often they are read, fit into the history together. */
function inlineBytesOf(blocks: readonly PlannedBlock[]): number {
  const reads = blocks.reduce((sum, { inputs }) => sum + inputs.length, 0);
  const travels = Math.max(blocks.length, reads);
  return Math.min(LARGEST_INLINE_BYTES, Math.floor(INLINE_BYTES_OF_RUN / travels));
}

/** A sub-pipeline reads the blocks whose values its params mention. */
function plannedInputs(block: BlockDefinition): BlockInput[] {
  const inputs = inputsOf(block).map(({ alias, block }) => ({ alias, block }));
  if (block.kind !== 'pipeline') return inputs;
  const named = new Set(inputs.map((input) => input.block));
  const mentioned = blocksReadBy(block.params ?? {}).filter((name) => !named.has(name));
  return [...inputs, ...mentioned.map((name) => ({ alias: name, block: name }))];
}

function specOf({ required, default: value, ...rest }: ParamDefinition): ParamSpec {
  const said = Object.entries(rest).filter(([, inner]) => inner !== undefined);
  return {
    ...(Object.fromEntries(said) as unknown as Pick<ParamSpec, 'type'>),
    required: required ?? value === undefined,
    ...(value !== undefined && { default: value }),
  };
}

function limitSpecOf({ max_runs, on_limit, key }: Concurrency): ConcurrencySpec {
  return { maxRuns: max_runs, onLimit: on_limit, ...(key !== undefined && { key }) };
}

function usedConnections(
  entries: readonly (readonly [string, BlockDefinition])[],
  { connections }: ProjectDefinition,
): Plan['connections'] {
  const used = new Set(
    entries.flatMap(([, block]) => connectionsOf(block)).map((its) => its.connection),
  );
  return Object.fromEntries(
    Object.entries(connections).flatMap(([name, connection]) =>
      connection.type === 'postgres' && used.has(name) ? [[name, connection]] : [],
    ),
  );
}

function sourcesOf(definition: PipelineDefinition, { sources }: Definitions): BlockSource[] {
  const all = filesOf(definition).flatMap((file) => sources.get(file) ?? []);
  return [...new Map(all.map((source) => [source.hash, source])).values()];
}
