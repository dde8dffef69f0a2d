import type { Origin } from '../../db/pipelines/defined-pipelines.ts';
import type { RunRecord } from '../../db/runs/runs.ts';
import type { JsonObject } from '../../runtime/json.ts';
import type { CatalogEntry } from './catalog.ts';
import type { Pipeline, PipelineSummary } from '../contract/pipeline.ts';
import { linksOfPipeline, type Links } from '../http/links.ts';
import { toSummary } from '../runs/run-view.ts';

export function toPipelineSummary({ name, plan, errors }: CatalogEntry): PipelineSummary {
  return {
    name,
    description: plan?.description ?? '',
    type: plan?.type ?? '',
    tags: [...(plan?.tags ?? [])],
    valid: errors.length === 0,
    errors: errors.map((error) => ({ ...error })),
    links: linksOfPipeline(name),
  };
}

export function toPipeline(
  entry: CatalogEntry,
  lastRun: RunRecord | undefined,
  origin: Origin | undefined,
  links: Links,
): Pipeline {
  const { plan } = entry;
  return {
    ...toPipelineSummary(entry),
    plan: plan?.hash ?? null,
    params: Object.fromEntries(
      Object.entries(plan?.params ?? {}).map(([name, { enum: choices, ...spec }]) => [
        name,
        { ...spec, ...(choices && { enum: [...choices] }) },
      ]),
    ),
    blocks: (plan?.blocks ?? []).map(({ name, kind, after }) => ({
      name,
      kind,
      after: [...after],
    })),
    watermark: plan?.watermark ?? null,
    active: origin?.active ?? plan?.active ?? true,
    metadata: (origin?.metadata ?? null) as JsonObject | null,
    taken_over: origin?.taken_over_at
      ? { at: origin.taken_over_at.toISOString(), from: origin.taken_over_from as JsonObject }
      : null,
    freshness: plan?.freshness ?? null,
    timeliness: plan?.timeliness ?? null,
    last_run: lastRun ? toSummary(lastRun, links) : null,
  };
}
