import type { BlockDefinition } from './block.ts';
import type { Connection } from './connection.ts';
import type { PipelineDefinition } from './definition.ts';
import type { Finding } from './document.ts';

/** A pipeline as far as its file could be read. */
export interface Draft {
  readonly name: string;
  readonly definition: PipelineDefinition;
  /** The names of all its blocks, also of those that could not be read. */
  readonly names: ReadonlySet<string>;
  /** Blocks of which something is left out: nobody can say that a key of theirs is missing. */
  readonly damaged: ReadonlySet<string>;
  /** The same of triggers. */
  readonly damagedTriggers: ReadonlySet<string>;
}

/** By name; undefined: that connection could not be read. */
export type ConnectionTypes = ReadonlyMap<string, Connection['type'] | undefined>;

/** What a pipeline's definition may refer to outside of its own file. */
export interface World {
  /** Undefined: `highwater.yaml` could not be read. */
  readonly connections: ConnectionTypes | undefined;
  /** By name, how many slots each has; undefined: `highwater.yaml` could not be read. */
  readonly pools?: ReadonlyMap<string, number> | undefined;
  /** Undefined: its file exists and could not be read. */
  readonly pipelines: ReadonlyMap<string, PipelineDefinition | undefined>;
  /** Pipelines that run each other without end. */
  readonly recursions: readonly (readonly string[])[];
  readonly hasBlockFile: (file: string) => boolean;
}

export type Check = (draft: Draft, world: World) => Finding[];

export function blocksOf({ definition }: Draft): [string, BlockDefinition][] {
  return Object.entries(definition.blocks);
}
