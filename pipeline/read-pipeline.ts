import type { Check, Draft, World } from './check.ts';
import { checkAnomalies } from './checks/check-anomalies.ts';
import { checkConnections } from './checks/check-connections.ts';
import { checkCycles } from './checks/check-cycles.ts';
import { checkApiTriggers, checkEventTriggers } from './checks/check-event-triggers.ts';
import { checkExpressions } from './checks/check-expressions.ts';
import { checkFiles } from './checks/check-files.ts';
import { checkPipelineNames } from './checks/check-names.ts';
import { checkLimits } from './checks/check-limits.ts';
import { checkParams } from './checks/check-params.ts';
import { checkPolicies } from './checks/check-policies.ts';
import { checkReferences } from './checks/check-references.ts';
import { checkRetention } from './checks/check-retention.ts';
import { checkSensors } from './checks/check-sensors.ts';
import { checkSchedules } from './checks/check-schedules.ts';
import { checkSubPipelines } from './checks/check-sub-pipelines.ts';
import { checkTriggers } from './checks/check-triggers.ts';
import { checkWatermark } from './checks/check-watermark.ts';
import { checkWork } from './checks/check-work.ts';
import { warnOfSchedules } from './checks/warn-of-schedules.ts';
import { warnOfSensors } from './checks/warn-of-sensors.ts';
import { inOrder, type DefinitionError } from './definition-error.ts';
import { PipelineDefinition } from './definition.ts';
import { readDocument, type Document, type Finding } from './document.ts';
import { knownKeys } from './known-keys.ts';
import { nameProblem } from './name.ts';
import { salvage, type Issue } from './salvage.ts';
import { translateIssue } from './translate-issue.ts';

const EMPTY: Finding = {
  path: ['blocks'],
  at: 'key',
  code: 'pipeline.empty',
  message: 'a pipeline needs at least one block',
};

const CHECKS: readonly Check[] = [
  checkConnections,
  checkCycles,
  checkExpressions,
  checkApiTriggers,
  checkEventTriggers,
  checkFiles,
  checkLimits,
  checkParams,
  ({ definition }) => checkPolicies(definition),
  checkReferences,
  checkAnomalies,
  ({ definition }) => checkRetention(definition.retention, ['retention']),
  checkSensors,
  checkSchedules,
  checkSubPipelines,
  checkTriggers,
  checkWatermark,
  checkWork,
];

/** One file of `pipelines/`, read as far as possible. */
export interface PipelineFile {
  readonly name: string;
  readonly document: Document;
  /** Absent: nothing of the file can be used. */
  readonly draft?: Draft;
  /** What is wrong with the file taken by itself. */
  readonly errors: readonly DefinitionError[];
}

const LoosePipeline = PipelineDefinition.partial({ blocks: true });

/** Reads a file by its bytes alone; what it refers to is looked at by `checkPipeline`. */
export function readPipeline(name: string, file: string, bytes: Uint8Array | Error): PipelineFile {
  const document = readDocument(file, bytes);
  const problem = nameProblem(name);
  const misnamed = problem ? [document.blame({ path: [], ...problem })] : [];
  if (!document.value) return { name, document, errors: [...misnamed, ...document.errors] };

  const raw = document.value;
  const { value, issues } = salvage(PipelineDefinition, LoosePipeline, raw);
  const keysAt = (path: readonly (string | number)[]) => knownKeys(PipelineDefinition, raw, path);
  const findings = [
    ...issues.flatMap((issue) => translateIssue(issue, raw, keysAt)),
    ...checkPipelineNames(raw),
    ...(isEmptyMap(raw['blocks']) ? [EMPTY] : []),
  ];
  const errors = [...misnamed, ...document.errors, ...findings.map(document.blame)];
  if (!value) return { name, document, errors };
  const definition = { ...value, blocks: value.blocks ?? {} };
  const names = new Set(Object.keys(raw['blocks'] ?? {}));
  const damaged = damagedBy(issues, 'blocks');
  const damagedTriggers = damagedBy(issues, 'triggers');
  const draft = { name, definition, names, damaged, damagedTriggers };
  return { name, document, draft, errors };
}

/** Everything that is wrong with a pipeline among the others; empty: it can be compiled. */
export function checkPipeline(file: PipelineFile, world: World): DefinitionError[] {
  const { draft, document, errors } = file;
  if (!draft) return inOrder(errors);
  const findings = CHECKS.flatMap((check) => check(draft, world));
  return inOrder([...errors, ...findings.map(document.blame)]);
}

/** What may surprise about a pipeline that nothing is wrong with, among those that wait for each other in circles. */
export function warnOf(
  { draft, document }: PipelineFile,
  circles: readonly (readonly string[])[],
  now = new Date(),
): DefinitionError[] {
  if (!draft) return [];
  const findings = [...warnOfSchedules(draft.definition, now), ...warnOfSensors(draft, circles)];
  return inOrder(findings.map(document.blame));
}

function isEmptyMap(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}

function damagedBy(issues: readonly Issue[], part: string): ReadonlySet<string> {
  const names = issues.flatMap(({ path: [root, name] }) => (root === part ? [name] : []));
  return new Set(names.filter((name) => typeof name === 'string'));
}
