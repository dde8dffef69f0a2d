import { durationMs } from '../pipeline/duration.ts';
import type { Retention as RetentionDefinition } from '../pipeline/retention.ts';
import type { Retention } from './plan.ts';

/** The first of these that says how long counts, for each thing by itself; undefined when none says anything. */
export function retentionOf(
  levels: readonly (RetentionDefinition | undefined)[],
): Retention | undefined {
  const said = (key: keyof RetentionDefinition): number | undefined => {
    const text = levels.find((level) => level?.[key] !== undefined)?.[key];
    return text === undefined ? undefined : durationMs(text);
  };
  const [runsMs, logsMs, artifactsMs] = [said('runs'), said('logs'), said('artifacts')];
  if (runsMs === undefined && logsMs === undefined && artifactsMs === undefined) return undefined;
  return {
    ...(runsMs !== undefined && { runsMs }),
    ...(logsMs !== undefined && { logsMs }),
    ...(artifactsMs !== undefined && { artifactsMs }),
  };
}
