import type { Rule } from '../metadata/anomaly/rule.ts';
import type { Json, JsonObject } from '../runtime/json.ts';
import type { ApiRule } from '../triggers/api-rule.ts';
import type { EventRule } from '../triggers/event-rule.ts';
import type { Schedule } from '../triggers/schedule.ts';

/** SHA-256 of a canonical JSON text, in lower-case hex. */
export type Hash = string;

export type BlockKind = 'loader' | 'transformer' | 'exporter' | 'custom' | 'sensor' | 'pipeline';
export type Language = 'typescript' | 'python';
export type FileFormat = 'csv' | 'json' | 'parquet';
export type WriteMode = 'append' | 'replace' | 'merge';
export type DatePart = 'minute' | 'hour' | 'day' | 'week' | 'month' | 'year';

/** A pipeline as it will run: plain JSON, fixed for ever under its hash. */
export interface Plan {
  /** Version of this format. Old plans keep their old meaning. */
  readonly irVersion: 1;
  readonly hash: Hash;
  readonly pipeline: string;
  readonly type: string;
  readonly description: string;
  readonly tags: readonly string[];
  /** This and the two below are absent when the file doesn't say them. */
  readonly metadata?: JsonObject;
  readonly active?: boolean;
  readonly mute?: readonly ('freshness' | 'timeliness')[];
  readonly params: Readonly<Record<string, ParamSpec>>;
  /** The next watermark is the greatest value of this column in this block's output. */
  readonly watermark: { readonly block: string; readonly column: string } | null;
  readonly freshness: Threshold | null;
  readonly timeliness: Threshold | null;
  /** Absent: its file names no rules. */
  readonly anomalies?: readonly Rule[];
  /** Absent: any number of its runs may be under way at once. */
  readonly concurrency?: ConcurrencySpec;
  /** Absent: everything is kept for ever. */
  readonly retention?: Retention;
  /** The connections its blocks use; secrets stay references to the worker's environment. */
  readonly connections: Readonly<Record<string, ConnectionSpec>>;
  /** The largest JSON value, in bytes, that travels inside Temporal's history instead of the store. */
  readonly inlineBytes: number;
  /** In an order in which each block comes after every block that it waits for. */
  readonly blocks: readonly PlannedBlock[];
  /** Absent: nothing makes it run by itself. */
  readonly triggers?: readonly PlannedTrigger[];
}

/** What makes a pipeline run by itself. */
export type PlannedTrigger = TriggerSource & {
  readonly name: string;
  readonly description?: string;
  /** 1 goes first, 5 last; 3 when absent. */
  readonly priority?: number;
  /** Values for the pipeline's params; those of api and event triggers may hold `${{ }}`. */
  readonly params?: JsonObject;
};

type TriggerSource =
  | { readonly kind: 'schedule'; readonly schedule: Schedule }
  | { readonly kind: 'api'; readonly api: ApiRule }
  | { readonly kind: 'event'; readonly event: EventRule };

export interface PlannedBlock {
  readonly name: string;
  readonly kind: BlockKind;
  /** Every block that must have succeeded first: those of `inputs` and those that only order. */
  readonly after: readonly string[];
  readonly inputs: readonly BlockInput[];
  readonly work: Work;
  readonly policy: Policy;
  /** Absent: its attempts hold no slots of a pool. */
  readonly pool?: PoolShare;
  /** Set for a sensor: its work is one check, and its policy bounds that one. */
  readonly sensor?: SensorTimes;
}

/** How many slots of a pool each attempt of a block holds. */
export interface PoolShare {
  readonly name: string;
  readonly slots: number;
}

/** How often a sensor looks and how long it waits, in milliseconds. */
export interface SensorTimes {
  readonly intervalMs: number;
  readonly backoff: number;
  readonly maxMs: number;
  readonly timeoutMs: number;
  /** When it waited in vain it is skipped, instead of failing. */
  readonly softFail: boolean;
}

/** How many runs of a pipeline may be under way at once. */
export interface ConcurrencySpec {
  readonly maxRuns: number;
  readonly onLimit: 'queue' | 'skip' | 'cancel_oldest';
  /** The limit holds for each value of it by itself; may hold `${{ params.NAME }}`. */
  readonly key?: string;
}

export interface BlockInput {
  readonly alias: string;
  readonly block: string;
}

/** How long a block may take and how often it is tried. Times are in milliseconds. */
export interface Policy {
  readonly retry: Retry;
  /** Bounds one attempt. */
  readonly timeoutMs: number;
  /** Bounds all attempts and the waits between them. */
  readonly deadlineMs: number;
  /** `continue`: what does not depend on the failed block still runs. The run fails all the same. */
  readonly onFailure: 'fail' | 'continue';
}

export interface Retry {
  readonly attempts: number;
  readonly initialMs: number;
  readonly backoff: number;
  readonly maxMs: number;
}

/** What a block does. Paths are relative to the project; `source` names a `BlockSource`. */
export type Work =
  | { readonly type: 'code'; readonly language: Language; readonly source: Hash }
  | { readonly type: 'sql'; readonly source: Hash; readonly connection: string | null }
  | { readonly type: 'read_file'; readonly file: string; readonly format: FileFormat }
  | { readonly type: 'read_table'; readonly connection: string; readonly query: string }
  | { readonly type: 'write_file'; readonly file: string; readonly format: FileFormat }
  | {
      readonly type: 'write_table';
      readonly connection: string;
      readonly table: string;
      readonly mode: WriteMode;
      readonly keys: readonly string[];
      /** The column that marks rows as deleted. */
      readonly softDelete?: string;
    }
  | {
      readonly type: 'pipeline';
      readonly pipeline: string;
      readonly plan: Hash;
      /** Values may hold `${{ }}` expressions. */
      readonly params: Readonly<Record<string, Json>>;
    }
  | Check;

/** What a sensor looks at; texts may hold `${{ }}`. Code and SQL files are sensors' work too. */
export type Check =
  | { readonly type: 'check_file'; readonly file: string }
  | { readonly type: 'check_query'; readonly query: string; readonly connection: string | null }
  | {
      readonly type: 'check_url';
      readonly url: string;
      readonly method: 'GET' | 'HEAD' | 'POST';
      /** Empty: any 2xx will do. */
      readonly statuses: readonly number[];
      readonly headers: Readonly<Record<string, string>>;
    }
  | {
      readonly type: 'check_pipeline';
      readonly pipeline: string;
      /** How old its last success may be; null: it must have covered what this run stands for. */
      readonly withinMs: number | null;
    };

export interface ConnectionSpec {
  readonly type: 'postgres';
  /** May hold `${{ env.NAME }}`. */
  readonly url: string;
}

/** The code of a block with every local file it imports, kept beside the plan under its hash. */
export interface BlockSource {
  readonly hash: Hash;
  readonly language: Language | 'sql';
  /** A key of `files`. */
  readonly entry: string;
  /** Path below the project (TypeScript: one bundled module) to text. */
  readonly files: Readonly<Record<string, string>>;
}

export interface ParamSpec {
  readonly type: 'string' | 'integer' | 'number' | 'boolean' | 'date' | 'object' | 'array';
  /** Absent: the caller must give a value, unless `required` is false. */
  readonly default?: Json;
  readonly required: boolean;
  readonly description?: string;
  readonly pattern?: string;
  readonly enum?: readonly Json[];
  readonly minimum?: number;
  readonly maximum?: number;
}

export interface Threshold {
  readonly number: number;
  readonly datepart: DatePart;
}

/** How long things are kept, in milliseconds; what is left out is kept for ever. */
export interface Retention {
  readonly runsMs?: number;
  readonly logsMs?: number;
  readonly artifactsMs?: number;
}

/** Everything that compiling one pipeline yields. */
export interface Compiled {
  readonly plan: Plan;
  readonly sources: readonly BlockSource[];
  /** Plans of the sub-pipelines it pins, each before the plans that use it. */
  readonly children: readonly Compiled[];
}
