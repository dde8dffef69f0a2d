import { Temporal } from 'temporal-polyfill';

/** A stretch of time in which a zone's clocks are the same distance from UTC. Milliseconds since 1970, UTC. */
interface Stretch {
  readonly from: number;
  /** The first moment that is not part of it. */
  readonly to: number;
  readonly offsetMs: number;
}

const MOST_KEPT = 200;
const kept = new Map<string, Stretch[]>();

/** The stretch of a zone that a moment lies in. */
export function stretchAt(timezone: string, time: number): Stretch {
  const known = kept.get(timezone) ?? [];
  const found = known.find(({ from, to }) => time >= from && time < to);
  if (found) return found;
  const zoned = Temporal.Instant.fromEpochMilliseconds(time).toZonedDateTimeISO(timezone);
  const stretch = {
    from: time,
    to: zoned.getTimeZoneTransition('next')?.epochMilliseconds ?? Infinity,
    offsetMs: zoned.offsetNanoseconds / 1_000_000,
  };
  kept.set(timezone, [...known.filter(({ to }) => to !== stretch.to).slice(-MOST_KEPT), stretch]);
  return stretch;
}

/** A moment at which a zone's clocks are set. */
export interface ClockChange {
  readonly at: number;
  /** From UTC, before and after it. */
  readonly before: number;
  readonly after: number;
}

/** The clock changes of a zone between two moments. */
export function clockChanges(timezone: string, from: number, to: number): ClockChange[] {
  const changes: ClockChange[] = [];
  for (let stretch = stretchAt(timezone, from); stretch.to < to;) {
    const next = stretchAt(timezone, stretch.to);
    changes.push({ at: stretch.to, before: stretch.offsetMs, after: next.offsetMs });
    stretch = next;
  }
  return changes;
}
