import type { Db } from '../../db/database.ts';
import {
  receiveEvent,
  replaceFlows,
  type ReceivedFlows,
} from '../../db/lineage/open-lineage-runs.ts';
import { ensureAddresses } from '../../db/lineage/plan-lineage.ts';
import { declarePipeline } from '../../db/pipelines/reported-pipelines.ts';
import { addressOf, type Dataset } from '../../plan/lineage/dataset.ts';
import { Fault } from '../../runtime/fault.ts';
import type {
  OpenLineageDataset,
  OpenLineageDatasetEvent,
  OpenLineageJob,
  OpenLineageJobEvent,
  OpenLineageRunEvent,
} from '../contract/open-lineage.ts';
import { pipelineNameOf, toDataset } from './received-names.ts';

const LONGEST_ERROR = 20_000;

export interface ReceiverDeps {
  readonly db: Db;
  /** The namespace of our own jobs: nobody else tells of those. */
  readonly namespace: string;
  /** Whether a pipeline that is first heard of by an event gets a rule for each metric. */
  readonly autoRules: boolean;
}

/** A change of a run that another tool runs. `request.conflict`: it says that it is one of ours. */
export async function receiveRunEvent(
  deps: ReceiverDeps,
  event: OpenLineageRunEvent,
): Promise<void> {
  const { db, namespace } = deps;
  const { run, job, eventType, eventTime, outputs } = event;
  const pipelineId = await findOrDeclare(deps, job);
  const { parent, errorMessage } = run.facets ?? {};
  await receiveEvent(db, {
    ...(await saveFlows(db, event)),
    ...{ pipelineId, runId: run.runId, type: eventType, time: eventTime },
    parent: parent && {
      runId: parent.run.runId,
      pipeline: parent.job.namespace === namespace ? parent.job.name : pipelineNameOf(parent.job),
    },
    totalRows: rowsIn(outputs ?? []),
    metadata: errorMessage && { error: errorMessage.message.slice(0, LONGEST_ERROR) },
  });
}

/** What a job does, told without a run of it. */
export async function receiveJobEvent(
  deps: ReceiverDeps,
  event: OpenLineageJobEvent,
): Promise<void> {
  const { db } = deps;
  const pipelineId = await findOrDeclare(deps, event.job);
  const flows = await saveFlows(db, event);
  await db.transaction().execute((tx) => replaceFlows(tx, pipelineId, flows, null));
}

export async function receiveDatasetEvent(
  { db }: ReceiverDeps,
  { dataset }: OpenLineageDatasetEvent,
): Promise<void> {
  await ensureAddresses(db, [toDataset(dataset)]);
}

async function findOrDeclare(
  { db, namespace, autoRules }: ReceiverDeps,
  job: OpenLineageJob,
): Promise<number> {
  if (job.namespace === namespace) {
    const message = `Highwater itself tells of the jobs in the namespace ${namespace}: choose another one`;
    throw new Fault('request.conflict', message);
  }
  const name = pipelineNameOf(job);
  const known = await db
    .selectFrom('pipeline')
    .select('id')
    .where('name', '=', name)
    .executeTakeFirst();
  if (known) return known.id;
  const typeName = (job.facets?.jobType?.integration ?? 'openlineage').toLowerCase();
  const { id } = await declarePipeline(db, {
    ...{ name, typeName, settings: {}, hash: '', nextWatermark: null, autoRules },
  });
  return id;
}

type Told = Pick<OpenLineageRunEvent, 'inputs' | 'outputs'>;

/** The addresses that an event names, and what it knows of their columns. */
async function saveFlows(db: Db, { inputs, outputs }: Told): Promise<ReceivedFlows> {
  const [read, written] = [inputs ?? [], outputs ?? []];
  const pairs = written.flatMap(columnPairs);
  const sources = [...read, ...pairs.map(({ source }) => source)].map(toDataset);
  const targets = written.map(toDataset);
  const ids = await ensureAddresses(db, [...sources, ...targets]);
  const idOf = (dataset: Pick<Dataset, 'namespace' | 'name'>) => ids.get(addressOf(dataset)) ?? [];
  return {
    inputs: sources.flatMap(idOf),
    outputs: targets.flatMap(idOf),
    columns: pairs.flatMap(({ source, target, from, to }) =>
      [idOf(source)]
        .flat()
        .flatMap((sourceId) =>
          [idOf(target)]
            .flat()
            .map((targetId) => ({ source: sourceId, target: targetId, from, to })),
        ),
    ),
  };
}

function columnPairs(target: OpenLineageDataset) {
  const fields = Object.entries(target.facets?.columnLineage?.fields ?? {});
  return fields.flatMap(([to, { inputFields }]) =>
    inputFields.map(({ namespace, name, field }) => ({
      ...{ source: { namespace, name }, target, from: field, to },
    })),
  );
}

function rowsIn(outputs: readonly OpenLineageDataset[]): number | undefined {
  const counts = outputs.flatMap(
    ({ outputFacets }) => outputFacets?.outputStatistics?.rowCount ?? [],
  );
  return counts.length === 0
    ? undefined
    : Math.min(
        counts.reduce((sum, count) => sum + count, 0),
        Number.MAX_SAFE_INTEGER,
      );
}
