import type { Db } from '../../db/database.ts';
import { findPipelineOf } from '../../db/standings/late-evidence.ts';
import type { Cause } from '../../metadata/why-late.ts';
import type { Subject } from './subject.ts';

/** What is the matter with the sub-pipeline whose run this is. */
export async function causesBelow(
  db: Db,
  subject: Subject,
  childExecutionId: number | null | undefined,
): Promise<readonly Cause[]> {
  if (!childExecutionId) return [];
  const pipelineId = await findPipelineOf(db, childExecutionId);
  const below = pipelineId === undefined ? undefined : await subject.lookUp(pipelineId);
  return below?.causes ?? [];
}
