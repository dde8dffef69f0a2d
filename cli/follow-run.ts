import { Run } from '../api/contract/run.ts';
import { isClosed } from '../plan/run-state.ts';
import type { ApiClient } from './api-client.ts';
import { patiently } from './patiently.ts';
import { whyQueued } from './why-queued.ts';

const LOOK_EVERY = '500ms';
/** Most runs begin sooner. */
const QUEUED_MS = 4_000;

/** A run and the runs of its sub-pipelines, by the block that started each. */
export interface RunTree {
  readonly run: Run;
  readonly children: ReadonlyMap<string, RunTree>;
  /** Why it has not begun, when that takes long. */
  readonly note?: string;
}

/** Tells `look` how a run stands, again and again, until it has ended. */
export async function followRun(
  client: ApiClient,
  asked: Run,
  look: (tree: RunTree) => void,
): Promise<Run> {
  const began = Date.now();
  look({ run: asked, children: new Map() });
  for (;;) {
    const run = await patiently(() => client.get(`/api/runs/${asked.id}?wait=${LOOK_EVERY}`, Run));
    const tree = await patiently(() => loadTree(client, run));
    const isLate = run.state === 'queued' && Date.now() - began > QUEUED_MS;
    look(isLate ? { ...tree, note: await patiently(() => whyQueued(client, run)) } : tree);
    if (isClosed(run.state)) return run;
  }
}

/** Reads the runs of a run's sub-pipelines, and of theirs. */
export async function loadTree(client: ApiClient, run: Run): Promise<RunTree> {
  const started = run.blocks.flatMap(({ name, child_run }) =>
    child_run ? [{ name, child_run }] : [],
  );
  const children = await Promise.all(
    started.map(async ({ name, child_run }): Promise<[string, RunTree]> => {
      const child = await client.get(`/api/runs/${child_run}`, Run);
      return [name, await loadTree(client, child)];
    }),
  );
  return { run, children: new Map(children) };
}
