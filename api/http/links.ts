import type { RunRecord } from '../../db/runs/runs.ts';

/** Where things are found: paths of this API, and pages of Temporal's Web UI when it has one. */
export interface Links {
  readonly temporalUi: string | undefined;
  readonly namespace: string;
}

export function linksOfRun(run: RunRecord, links: Links) {
  const self = `/api/runs/${run.id}`;
  return { self, logs: `${self}/logs`, temporal_ui: linkToWorkflow(run.workflow_id, links) };
}

export function linkToWorkflow(id: string | null, { temporalUi, namespace }: Links): string | null {
  if (temporalUi === undefined || id === null) return null;
  return (
    `${temporalUi.replace(/\/$/, '')}/namespaces/${encodeURIComponent(namespace)}` +
    `/workflows/${encodeURIComponent(id)}`
  );
}

export function linksOfPipeline(name: string) {
  return { self: `/api/pipelines/${name}`, runs: `/api/runs?pipeline=${name}` };
}
