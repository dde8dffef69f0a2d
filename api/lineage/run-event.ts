import type {
  ClaimedEvent,
  RunIdentity,
  StoredColumn,
} from '../../db/lineage/open-lineage-events.ts';
import { addressOf, type Dataset } from '../../plan/lineage/dataset.ts';
import type { ColumnEdge, PlanLineage, PlanOutput } from '../../plan/lineage/plan-lineage.ts';

const PRODUCER = 'urn:highwater:openlineage';
const SPEC = 'https://openlineage.io/spec';

export interface EventParts {
  readonly event: ClaimedEvent;
  /** The namespace of our jobs. */
  readonly namespace: string;
  /** Undefined: nobody knows yet. */
  readonly lineage: PlanLineage | undefined;
  /** Of this run, by block. */
  readonly schemas: ReadonlyMap<string, readonly StoredColumn[]>;
}

/** A change of one of our runs as OpenLineage (spec 2-0-2) has it. */
export function toRunEvent({ event, namespace, lineage, schemas }: EventParts) {
  const { type, occurredAt, run } = event;
  const datasets = new Map((lineage?.datasets ?? []).map((each) => [addressOf(each), each]));
  return {
    eventType: type,
    eventTime: occurredAt.toISOString(),
    producer: PRODUCER,
    schemaURL: `${SPEC}/2-0-2/OpenLineage.json#/$defs/RunEvent`,
    run: { runId: run.id, facets: runFacets(event, namespace) },
    job: { namespace, name: run.pipeline, facets: jobFacets(event) },
    inputs: (lineage?.inputs ?? []).flatMap((address) => namesOf(datasets.get(address))),
    outputs: (lineage?.outputs ?? []).flatMap((output) => toOutput(output, datasets, schemas)),
  };
}

function runFacets({ parent, root, error, type }: ClaimedEvent, namespace: string) {
  const identity = ({ pipeline, id }: RunIdentity) => ({
    run: { runId: id },
    job: { namespace, name: pipeline },
  });
  return {
    ...(parent && {
      parent: facet('1-2-0', 'ParentRunFacet', {
        ...identity(parent),
        ...(root && { root: identity(root) }),
      }),
    }),
    ...(error &&
      (type === 'FAIL' || type === 'ABORT') && {
        errorMessage: facet('1-0-1', 'ErrorMessageRunFacet', {
          message: `${error.block === undefined ? '' : `${error.block}: `}${error.message}`,
          programmingLanguage: 'UNKNOWN',
        }),
      }),
  };
}

function jobFacets({ description }: ClaimedEvent) {
  return {
    jobType: facet('2-0-4', 'JobTypeJobFacet', {
      ...{ processingType: 'BATCH', integration: 'HIGHWATER', jobType: 'PIPELINE' },
    }),
    ...(description !== '' && {
      documentation: facet('1-1-0', 'DocumentationJobFacet', { description }),
    }),
  };
}

type Datasets = ReadonlyMap<string, Dataset>;

function toOutput(output: PlanOutput, datasets: Datasets, schemas: EventParts['schemas']) {
  const known = output.filledBy === null ? undefined : schemas.get(output.filledBy);
  const fields = columnFields(output.columns, datasets, known);
  const names = known ?? Object.keys(fields).map((name) => ({ name }));
  return namesOf(datasets.get(output.address)).map((dataset) => ({
    ...dataset,
    facets: {
      ...(names.length > 0 && {
        schema: facet('1-2-0', 'SchemaDatasetFacet', { fields: names }),
      }),
      ...(Object.keys(fields).length > 0 && {
        columnLineage: facet('1-2-0', 'ColumnLineageDatasetFacet', { fields }),
      }),
    },
  }));
}

interface InputField {
  readonly namespace: string;
  readonly name: string;
  readonly field: string;
}

/** Columns that are passed on as they are can be named when it is known which columns there are. */
function columnFields(
  edges: readonly ColumnEdge[],
  datasets: Datasets,
  known: readonly StoredColumn[] = [],
): Record<string, { inputFields: InputField[] }> {
  const fields = new Map<string, { inputFields: InputField[] }>();
  const add = (to: string, { source, from }: Pick<ColumnEdge, 'source' | 'from'>) => {
    const field = fields.get(to) ?? { inputFields: [] };
    fields.set(to, field);
    field.inputFields.push(
      ...namesOf(datasets.get(source)).map((name) => ({ ...name, field: from })),
    );
  };
  for (const edge of edges) if (edge.to !== '*') add(edge.to, edge);
  const named = new Set(fields.keys());
  for (const { source, to, except } of edges) {
    if (to !== '*') continue;
    for (const { name } of known) {
      if (!named.has(name) && !except.includes(name)) add(name, { source, from: name });
    }
  }
  return Object.fromEntries(fields);
}

function namesOf(dataset: Dataset | undefined) {
  return dataset ? [{ namespace: dataset.namespace, name: dataset.name }] : [];
}

function facet<Fields extends object>(version: string, name: string, fields: Fields) {
  const _schemaURL = `${SPEC}/facets/${version}/${name}.json#/$defs/${name}`;
  return { _producer: PRODUCER, _schemaURL, ...fields };
}
