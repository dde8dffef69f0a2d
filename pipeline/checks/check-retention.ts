import type { Finding, Path } from '../document.ts';
import { durationMs } from '../duration.ts';
import type { Retention } from '../retention.ts';

/** Nothing of a run is kept longer than the run itself. */
export function checkRetention(retention: Retention | undefined, path: Path): Finding[] {
  const { runs } = retention ?? {};
  if (runs === undefined) return [];
  return (['logs', 'artifacts'] as const).flatMap((key) => {
    const kept = retention?.[key];
    if (kept === undefined || durationMs(kept) <= durationMs(runs)) return [];
    const message = `"${key}" are removed with their run: keep them no longer than runs (${runs})`;
    return [{ path: [...path, key], code: 'policy.invalid', message }];
  });
}
