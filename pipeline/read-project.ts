import { checkProjectNames } from './checks/check-names.ts';
import { checkNotices } from './checks/check-notices.ts';
import { checkProjectConnections } from './checks/check-project-connections.ts';
import { checkPolicy } from './checks/check-policies.ts';
import { checkRetention } from './checks/check-retention.ts';
import type { ConnectionTypes } from './check.ts';
import { inOrder, type DefinitionError } from './definition-error.ts';
import { ProjectDefinition } from './definition.ts';
import { readDocument } from './document.ts';
import { knownKeys } from './known-keys.ts';
import { salvage } from './salvage.ts';
import { translateIssue } from './translate-issue.ts';

export interface ProjectFile {
  /** As far as it could be read. Absent: nothing of the file can be used. */
  readonly definition?: ProjectDefinition;
  /** How many slots each pool has; absent: nobody knows. */
  readonly pools?: ReadonlyMap<string, number>;
  /** The types of its connections by name, as far as they could be read; absent: nobody knows. */
  readonly connections?: ConnectionTypes;
  readonly errors: readonly DefinitionError[];
}

const LooseProject = ProjectDefinition.partial({ name: true });

/** Reads `highwater.yaml` by its bytes. */
export function readProject(file: string, bytes: Uint8Array | Error): ProjectFile {
  const document = readDocument(file, bytes);
  const raw = document.value;
  if (!raw) return { errors: document.errors };

  const { value, issues } = salvage(ProjectDefinition, LooseProject, raw);
  const definition: ProjectDefinition = { connections: {}, ...value, name: value?.name ?? '' };
  const keysAt = (path: readonly (string | number)[]) => knownKeys(ProjectDefinition, raw, path);
  const findings = [
    ...issues.flatMap((issue) => translateIssue(issue, raw, keysAt)),
    ...checkProjectNames(raw),
    ...checkProjectConnections(definition),
    ...checkPolicy(definition.defaults ?? {}, ['defaults']),
    ...checkRetention(definition.defaults?.retention, ['defaults', 'retention']),
    ...checkNotices(definition, raw),
  ];
  return {
    ...(value && { definition }),
    connections: typesOf(definition, raw),
    ...(value && { pools: slotsOf(definition) }),
    errors: inOrder([...document.errors, ...findings.map(document.blame)]),
  };
}

function typesOf(
  { connections }: ProjectDefinition,
  raw: Readonly<Record<string, unknown>>,
): ConnectionTypes {
  const names = Object.keys(raw['connections'] ?? {});
  return new Map(names.map((name) => [name, connections[name]?.type]));
}

function slotsOf({ pools = {} }: ProjectDefinition): ReadonlyMap<string, number> {
  return new Map(Object.entries(pools).map(([name, { slots }]) => [name, slots]));
}
