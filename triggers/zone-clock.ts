import { Temporal } from 'temporal-polyfill';

/** A stretch of time in which a zone's clocks are the same distance from UTC. Milliseconds since 1970, UTC. */
interface Stretch {
  readonly from: number;
  /** The first moment that is not part of it. */
  readonly to: number;
  readonly offsetMs: number;
}

const MOST_KEPT = 300;
const kept = new Map<string, Stretch[]>();

/** The stretch of a zone that a moment lies in. */
function stretchAt(timezone: string, time: number): Stretch {
  const known = kept.get(timezone) ?? [];
  const found = known.find(({ from, to }) => time >= from && time < to);
  if (found) return found;
  const zoned = Temporal.Instant.fromEpochMilliseconds(time).toZonedDateTimeISO(timezone);
  const previous = zoned.add({ milliseconds: 1 }).getTimeZoneTransition('previous');
  const stretch = {
    from: previous?.epochMilliseconds ?? -Infinity,
    to: zoned.getTimeZoneTransition('next')?.epochMilliseconds ?? Infinity,
    offsetMs: zoned.offsetNanoseconds / 1_000_000,
  };
  kept.set(timezone, [stretch, ...known.slice(0, MOST_KEPT)]);
  return stretch;
}

/** What the clocks of a zone show at a moment, written as milliseconds of UTC. */
export function clockAt(timezone: string, time: number): number {
  return time + stretchAt(timezone, time).offsetMs;
}

/**
 * The moment at which the clocks of a zone show a time. Of a time that they show twice, or not at all, it takes the
 * moment that Go's `time.Date` takes, as Temporal is written in Go: the zone's offset is guessed as if the clock were
 * UTC's.
 */
export function momentOfClock(timezone: string, clock: number): number {
  const guess = stretchAt(timezone, clock);
  const time = clock - guess.offsetMs;
  if (time >= guess.from && time < guess.to) return time;
  return clock - stretchAt(timezone, time).offsetMs;
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
