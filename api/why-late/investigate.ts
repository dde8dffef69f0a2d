import { loadFreshness, loadTimeliness } from '../../db/standings/boards.ts';
import { findLastSuccess, listPastRuns } from '../../db/standings/late-evidence.ts';
import type { Cause } from '../../metadata/why-late.ts';
import { Fault } from '../../runtime/fault.ts';
import { DETECTIVES } from './detectives.ts';
import type { DetectiveDeps, Subject, Upward } from './subject.ts';

const RUNS = 50;
/** So many pipelines are looked into at most, however many lie upstream. */
const MOST_LOOKED_INTO = 30;

/** Looks for whatever makes a pipeline late, and up the stream for what is behind it. */
export async function investigate(deps: DetectiveDeps, name: string): Promise<Upward> {
  const seen = new Set<number>();
  const found = await lookInto({ pipeline: name });
  if (found) return found;
  throw new Fault('pipeline.not_found', `There is no pipeline ${name}`);

  async function lookInto(
    which: { readonly pipeline: string } | { readonly id: number },
  ): Promise<Upward | undefined> {
    const subject = await loadSubject(which);
    if (!subject) return undefined;
    seen.add(subject.pipeline.id);
    const causes: Cause[] = [];
    for (const detective of DETECTIVES) causes.push(...(await detective(deps, subject)));
    return { subject, causes };
  }

  async function loadSubject(
    which: { readonly pipeline: string } | { readonly id: number },
  ): Promise<Subject | undefined> {
    const { db } = deps;
    const [[freshness], [timeliness]] = await Promise.all([
      loadFreshness(db, which),
      loadTimeliness(db, which),
    ]);
    if (!freshness || !timeliness) return undefined;
    const { pipeline } = freshness;
    const runs = await listPastRuns(db, pipeline.id, RUNS);
    const success = await findLastSuccess(db, pipeline.id);
    return { pipeline, freshness, timeliness, runs, success, now: new Date(), lookUp };
  }

  async function lookUp(id: number): Promise<Upward | undefined> {
    if (seen.has(id) || seen.size >= MOST_LOOKED_INTO) return undefined;
    return lookInto({ id });
  }
}
