import { firstNotBelow, medianSpread } from './median.ts';
import { meanSpread, merge, momentsOf, NO_VALUES, type Moments } from './moments.ts';
import type { Method } from './rule.ts';
import type { Spread } from './spread.ts';

/**
 * The values that the runs of one batch are compared with: earlier runs, and each other. A null stands for
 * a run that does not count.
 */
export interface Pool {
  /** What all but this one of the batch say. Ask in the order of the batch. */
  without(at: number): Spread;
  /** Takes one of the batch out, for those that are asked about after it. */
  drop(at: number): void;
}

type Values = readonly (number | null)[];

/** Nothing is ever subtracted: a huge value that is left out leaves no rounding error behind. */
export function meanPool(earlier: Moments, batch: Values): Pool {
  const tails = tailsOf(batch);
  const dropped = new Set<number>();
  let head = earlier;
  let taken = 0;
  return {
    without: (at) => {
      for (; taken < at; taken++) {
        if (!dropped.has(taken)) head = merge(head, momentsAt(batch, taken));
      }
      return meanSpread(merge(head, tails[at + 1] ?? NO_VALUES));
    },
    drop: (at) => {
      dropped.add(at);
    },
  };
}

/** By place: the moments of the values from there to the end. */
function tailsOf(batch: Values): Moments[] {
  const tails: Moments[] = [];
  let tail = NO_VALUES;
  for (let at = batch.length - 1; at >= 0; at--) {
    tail = merge(momentsAt(batch, at), tail);
    tails[at] = tail;
  }
  return tails;
}

function momentsAt(batch: Values, at: number): Moments {
  const value = batch[at] ?? null;
  return value === null ? NO_VALUES : momentsOf(value);
}

export function medianPool(earlier: readonly number[], batch: Values): Pool {
  const counted = batch.filter((value) => value !== null);
  const ascending = [...earlier, ...counted].sort((one, other) => one - other);
  const dropped = new Set<number>();
  const placeOf = (at: number): number | undefined => {
    const value = batch[at] ?? null;
    if (value === null || dropped.has(at)) return undefined;
    return firstNotBelow((place) => ascending[place] ?? NaN, ascending.length, value);
  };
  return {
    without: (at) => medianSpread(ascending, placeOf(at)),
    drop: (at) => {
      const place = placeOf(at);
      if (place !== undefined) ascending.splice(place, 1);
      dropped.add(at);
    },
  };
}

interface Recent {
  readonly executionId: number;
  readonly value: number;
}

interface RecentPool {
  readonly method: Method;
  /** How many of them count at once. */
  readonly lastN: number;
  /** The newest first; those of the batch are among them, unless they do not count. */
  readonly recent: readonly Recent[];
  /** The runs of the batch. */
  readonly batch: readonly number[];
}

export function recentPool({ method, lastN, recent, batch }: RecentPool): Pool {
  const dropped = new Set<number>();
  return {
    without: (at) => {
      const self = batch[at];
      const values: number[] = [];
      for (const { executionId, value } of recent) {
        if (values.length === lastN) break;
        if (executionId !== self && !dropped.has(executionId)) values.push(value);
      }
      return spreadOf(method, values);
    },
    drop: (at) => {
      const executionId = batch[at];
      if (executionId !== undefined) dropped.add(executionId);
    },
  };
}

function spreadOf(method: Method, values: readonly number[]): Spread {
  switch (method) {
    case 'mean_sd':
      return meanSpread(values.map(momentsOf).reduce(merge, NO_VALUES));
    case 'median_mad':
      return medianSpread(values.toSorted((one, other) => one - other));
  }
}
