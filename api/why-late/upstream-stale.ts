import { listUpstream } from '../../db/standings/upstream.ts';
import { timeText } from '../../metadata/standing-texts.ts';
import type { Cause } from '../../metadata/why-late.ts';
import { toFreshness, toTimeliness } from '../standings/standing-view.ts';
import { causeOf, type Detective, type Subject, type Upward } from './subject.ts';

const MOST = 50;

/** A pipeline that this one reads from or waits for is late itself, or has written nothing new for it. */
export const findUpstreamStale: Detective = async ({ db }, subject) => {
  const upstream = await listUpstream(db, subject.pipeline.id, MOST);
  const causes: Cause[] = [];
  // One after the other: each pipeline is looked into once, however many ways lead to it.
  for (const { pipelineId, through } of upstream) {
    const upward = await subject.lookUp(pipelineId);
    const problem = upward && problemOf(subject, upward.subject);
    if (!upward || !problem) continue;
    const { pipeline } = upward.subject;
    const cause = causeOf(subject, 'upstream_stale', problem.message, {
      since: problem.since,
      evidence: [
        { key: 'upstream pipeline', value: pipeline.name },
        { key: 'read through', value: through },
        { key: 'last write upstream', value: timeText(pipeline.lastDml) },
      ],
      because: problem.isLate ? upward.causes : becauseOf(upward),
    });
    causes.push(cause);
  }
  return causes;
};

function problemOf(subject: Subject, { pipeline, freshness, timeliness }: Subject) {
  if (freshness.standing.state === 'late') {
    const { message } = toFreshness(freshness);
    const text = `${pipeline.name} upstream is late: ${message}`;
    return { message: text, since: freshness.standing.since, isLate: true };
  }
  if (timeliness.standing.state === 'late') {
    const { message } = toTimeliness(timeliness);
    const text = `${pipeline.name} upstream is late: ${message}`;
    return { message: text, since: timeliness.standing.since, isLate: true };
  }
  const { lastDml: own } = subject.pipeline;
  const { lastDml: above } = pipeline;
  const isIdle = subject.freshness.standing.state === 'late' && own && above && above < own;
  if (!isIdle) return undefined;
  const text = `${pipeline.name} upstream has written nothing since ${timeText(above)}, before ${subject.pipeline.name} last did`;
  return { message: text, since: above, isLate: false };
}

/** Of a pipeline that nobody calls late only what hinders it explains anything. */
function becauseOf({ causes }: Upward): Cause[] {
  return causes.filter(({ kind }) => ['failing', 'cancelled', 'retrying'].includes(kind));
}
