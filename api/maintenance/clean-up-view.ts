import type { CleanUpRecord } from '../../db/maintenance/clean-ups.ts';
import type { CleanUp } from '../contract/clean-up.ts';

export function toCleanUp({ started_at, finished_at, ...rest }: CleanUpRecord): CleanUp {
  return {
    ...rest,
    started_at: started_at.toISOString(),
    finished_at: finished_at?.toISOString() ?? null,
  };
}
