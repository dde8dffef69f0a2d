import type { RunRecord } from '../db/runs.ts';

/** Where things are found: paths of this API, and pages of Temporal's Web UI when it has one. */
export interface Links {
  readonly temporalUi: string | undefined;
  readonly namespace: string;
}

export function linksOfRun(run: RunRecord, { temporalUi, namespace }: Links) {
  const self = `/api/runs/${run.id}`;
  return {
    self,
    logs: `${self}/logs`,
    temporal_ui:
      temporalUi === undefined || run.workflow_id === null
        ? null
        : `${temporalUi.replace(/\/$/, '')}/namespaces/${encodeURIComponent(namespace)}` +
          `/workflows/${encodeURIComponent(run.workflow_id)}`,
  };
}

export function linksOfPipeline(name: string) {
  return { self: `/api/pipelines/${name}`, runs: `/api/runs?pipeline=${name}` };
}
