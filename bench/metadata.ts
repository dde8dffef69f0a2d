import { benchLarge } from './metadata/large.ts';
import { benchLife } from './metadata/life.ts';
import { benchLineage } from './metadata/lineage.ts';
import { benchStartEnd } from './metadata/start-end.ts';

/** Everything about runs, ours and others'. */
export async function benchMetadata(say: (line: string) => void) {
  return {
    ...(await benchStartEnd(say)),
    ...(await benchLineage(say)),
    ...(await benchLife(say)),
    ...(await benchLarge(say)),
  };
}
