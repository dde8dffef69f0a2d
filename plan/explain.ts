import { durationText } from '../pipeline/duration.ts';
import type {
  Compiled,
  Hash,
  ParamSpec,
  Plan,
  PlannedBlock,
  Policy,
  SensorTimes,
  Work,
  Threshold,
} from './plan.ts';

/** What a run of a pipeline would do, for people and for programs. */
export interface Explanation {
  readonly pipeline: string;
  readonly hash: Hash;
  readonly description: string;
  readonly type: string;
  readonly tags: readonly string[];
  readonly params: Plan['params'];
  readonly watermark: Plan['watermark'];
  readonly freshness: Plan['freshness'];
  readonly timeliness: Plan['timeliness'];
  /** Names of blocks; those of one level can run side by side. */
  readonly levels: readonly (readonly string[])[];
  readonly blocks: readonly ExplainedBlock[];
  readonly children: readonly Explanation[];
}

interface ExplainedBlock extends Omit<PlannedBlock, 'work'> {
  readonly work: Work & { readonly file?: string };
}

export function explain({ plan, sources, children }: Compiled): Explanation {
  const entries = new Map(sources.map(({ hash, entry }) => [hash, entry]));
  const { pipeline, hash, description, type, tags, params } = plan;
  const { watermark, freshness, timeliness } = plan;
  return {
    ...{ pipeline, hash, description, type, tags, params, watermark, freshness, timeliness },
    levels: levelsOf(plan.blocks),
    blocks: plan.blocks.map((block) => ({ ...block, work: withFile(block.work, entries) })),
    children: children.map(explain),
  };
}

/** The explanation as lines of text, sub-pipelines below the pipeline that runs them. */
export function explainAsText(compiled: Compiled): string {
  const seen = new Set<Hash>();
  return `${all(explain(compiled), seen).join('\n\n')}\n`;
}

function all(explanation: Explanation, seen: Set<Hash>): string[] {
  if (seen.has(explanation.hash)) return [];
  seen.add(explanation.hash);
  const children = explanation.children.flatMap((child) => all(child, seen));
  return [pipelineText(explanation), ...children];
}

function pipelineText(its: Explanation): string {
  const { watermark, freshness, timeliness } = its;
  const facts = [
    `${its.pipeline} (${its.type})  plan ${its.hash.slice(0, 12)}`,
    its.description,
    its.tags.length > 0 ? `tags: ${its.tags.join(', ')}` : '',
    ...Object.entries(its.params).map(([name, spec]) => `param ${name}: ${paramText(spec)}`),
    watermark ? `watermark: the greatest ${watermark.column} of ${watermark.block}` : '',
    freshness ? `freshness: new data within ${spanOf(freshness)}` : '',
    timeliness ? `timeliness: a run ends within ${spanOf(timeliness)}` : '',
  ];
  const blocks = new Map(its.blocks.map((block) => [block.name, block]));
  const levels = its.levels.flatMap((names, index) => [
    `${index + 1}. ${names.length > 1 ? 'side by side' : 'one block'}`,
    ...names.flatMap((name) => {
      const block = blocks.get(name);
      return block ? blockLines(block) : [];
    }),
  ]);
  return [...facts.filter((fact) => fact !== ''), ...levels].join('\n');
}

function spanOf({ number, datepart }: Threshold): string {
  return `${number} ${datepart}${number === 1 ? '' : 's'}`;
}

function blockLines(block: ExplainedBlock): string[] {
  const { name, kind, inputs, after, work, policy, pool, sensor } = block;
  const read = new Set(inputs.map(({ block }) => block));
  const waits = after.filter((other) => !read.has(other));
  const details = [
    workText(work),
    inputs.length > 0 ? `reads ${inputs.map(inputText).join(', ')}` : '',
    waits.length > 0 ? `waits for ${waits.join(', ')}` : '',
    pool ? `holds ${pool.slots} of pool ${pool.name}` : '',
    sensor ? sensorText(sensor) : policyText(policy),
  ];
  return [
    `   ${name} [${kind}]`,
    ...details.filter((text) => text !== '').map((text) => `     ${text}`),
  ];
}

function inputText({ alias, block }: { alias: string; block: string }): string {
  return alias === block ? block : `${block} as ${alias}`;
}

function workText(work: ExplainedBlock['work']): string {
  switch (work.type) {
    case 'code':
      return `runs ${work.file ?? 'code'} (${work.language === 'python' ? 'Python' : 'TypeScript'})`;
    case 'sql':
      return `runs ${work.file ?? 'SQL'} (${work.connection === null ? 'DuckDB' : `on ${work.connection}`})`;
    case 'read_file':
      return `loads ${work.file} (${work.format})`;
    case 'read_table':
      return `loads from ${work.connection}: ${work.query.replace(/\s+/g, ' ').slice(0, 100)}`;
    case 'write_file':
      return `writes ${work.file} (${work.format})`;
    case 'write_table': {
      const keys = work.keys.length > 0 ? ` by ${work.keys.join(', ')}` : '';
      const marked = work.softDelete === undefined ? '' : `, deleted where ${work.softDelete}`;
      return `writes ${work.connection}.${work.table} (${work.mode}${keys}${marked})`;
    }
    case 'check_file':
      return `waits for ${work.file}`;
    case 'check_query':
      return `waits until ${work.query.replace(/\s+/g, ' ').slice(0, 100)} (${work.connection === null ? 'DuckDB' : `on ${work.connection}`})`;
    case 'check_url':
      return `waits until ${work.url} answers`;
    case 'check_pipeline':
      return `waits for ${work.pipeline}${work.withinMs === null ? '' : ` within ${durationText(work.withinMs)}`}`;
    case 'pipeline':
      return `runs pipeline ${work.pipeline} (plan ${work.plan.slice(0, 12)})${givenText(work.params)}`;
  }
}

function givenText(params: Readonly<Record<string, unknown>>): string {
  const given = Object.entries(params).map(([name, value]) => `${name}=${valueText(value)}`);
  return given.length > 0 ? ` with ${given.join(', ')}` : '';
}

function valueText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function paramText({ type, default: value, required, description }: ParamSpec): string {
  const absent = required ? 'must be given' : 'may be left out';
  const said = description === undefined ? '' : ` — ${description}`;
  return `${type}, ${value === undefined ? absent : `default ${valueText(value)}`}${said}`;
}

function sensorText({ intervalMs, backoff, maxMs, timeoutMs, softFail }: SensorTimes): string {
  const rhythm = backoff === 1 ? '' : ` × ${backoff} up to ${durationText(maxMs)}`;
  const vain = softFail ? 'then it is skipped' : 'then it fails';
  return `looks every ${durationText(intervalMs)}${rhythm} for ${durationText(timeoutMs)}; ${vain}`;
}

function policyText({ retry, timeoutMs, deadlineMs, onFailure }: Policy): string {
  const tries =
    retry.attempts === 1
      ? '1 attempt'
      : `${retry.attempts} attempts, waits ${durationText(retry.initialMs)} × ${retry.backoff} up to ${durationText(retry.maxMs)}`;
  const limits = `${durationText(timeoutMs)} each, ${durationText(deadlineMs)} in all`;
  return `${tries}; ${limits}${onFailure === 'continue' ? '; the rest goes on when it fails' : ''}`;
}

/** A block stands one level below the last of those that it waits for. */
function levelsOf(blocks: readonly PlannedBlock[]): string[][] {
  const places = new Map<string, number>();
  const levels: string[][] = [];
  for (const { name, after } of blocks) {
    const place = Math.max(-1, ...after.map((other) => places.get(other) ?? -1)) + 1;
    places.set(name, place);
    (levels[place] ??= []).push(name);
  }
  return levels;
}

function withFile(work: Work, entries: ReadonlyMap<Hash, string>): ExplainedBlock['work'] {
  if (work.type !== 'code' && work.type !== 'sql') return work;
  const entry = entries.get(work.source);
  return entry === undefined ? work : { ...work, file: entry.replace(/\.mjs$/, '.ts') };
}
