import { compareWatermarks, isWatermark, type WatermarkType } from './watermark-order.ts';

/** A pipeline's watermark as it stands when one of its executions has succeeded. */
export interface HeldWatermark {
  readonly value: string | null;
  readonly type: WatermarkType | null;
  /** Somebody set it, or a full load started over, since the execution began. */
  readonly setSince: boolean;
  /** Where it has been until it was moved or set away from there, as far as `asksForPast`. */
  readonly past?: readonly string[];
}

/** What an execution that succeeded says about the stretch that it loaded. */
export interface LoadedStretch {
  /** The pipeline's watermark when the execution began. */
  readonly read: string | null;
  /** Where it says that it began to load; null when it doesn't say. */
  readonly began: string | null;
  /** Null: a full load that found nothing. What was set while a full load ran bounds this. */
  readonly next: string | null;
  readonly type: WatermarkType | null;
  /** It loaded everything anew, whatever the watermark was. */
  readonly fullLoad: boolean;
}

/** `same`: it is there already. */
export interface Verdict {
  readonly end: 'moves' | 'stays' | 'same';
  readonly reason: string;
}

/**
 * Whether the watermark moves to where an execution ended. It does when everything up to there is loaded
 * then: the execution began at or before the watermark, ended beyond it, and nobody has set it since.
 * Where values have no order, it must be the one that the execution began with. A client may begin where it
 * likes while there is no watermark, or no order, but not where the watermark has been before: it asked
 * then, and what somebody wants loaded again since would be missed. A full load leaves the data as old as it
 * found them, so it takes the watermark along, even back.
 */
export function judgeEnd(held: HeldWatermark, loaded: LoadedStretch): Verdict {
  const ahead = compare(loaded.next, held, loaded);
  if (ahead === 0) return { end: 'same', reason: 'it is there already' };
  if (loaded.fullLoad)
    return moves(ahead !== undefined && ahead < 0 ? 'a full load ended before it' : 'full load');
  if (held.setSince) return stays(`it was set to ${shown(held.value)} after this began`);
  if (loaded.type === null && loaded.next !== null && !isWatermark(loaded.next, held.type)) {
    return stays(`${loaded.next} is not a ${held.type}`);
  }
  if (isPast(held, loaded)) {
    return stays(`this began at ${shown(loaded.began)}, where the watermark is no longer`);
  }
  if (held.value === null) return moves('loaded up to there');
  if (ahead !== undefined && ahead < 0) {
    return stays(`${shown(loaded.next)} lies before ${held.value}`);
  }
  return judgeBeginning(held, loaded, ahead !== undefined);
}

/** Whether only the past tells where an execution began: there is no watermark now, or no order. */
export function asksForPast(held: HeldWatermark, loaded: LoadedStretch): boolean {
  if (loaded.fullLoad || loaded.began === null) return false;
  return held.value === null || compare(loaded.began, held, loaded) === undefined;
}

function isPast(held: HeldWatermark, loaded: LoadedStretch): boolean {
  const { began } = loaded;
  if (began === null || !asksForPast(held, loaded)) return false;
  const type = loaded.type ?? held.type;
  return (held.past ?? []).some((place) => compareWatermarks(place, began, type) === 0);
}

function judgeBeginning(held: HeldWatermark, loaded: LoadedStretch, ordered: boolean): Verdict {
  const began = loaded.began ?? loaded.read;
  const beyond = compare(began, held, loaded);
  if (beyond !== undefined && beyond > 0) {
    return stays(`this began at ${shown(began)}, beyond ${shown(held.value)}`);
  }
  const untouched = held.value === loaded.read || held.value === loaded.began;
  if (untouched || (ordered && beyond !== undefined)) return moves('loaded up to there');
  return stays(`it moved to ${shown(held.value)} after this began at ${shown(began)}`);
}

/** How far a place lies from the watermark that is held. Nothing comes before everything else. */
function compare(
  value: string | null,
  held: HeldWatermark,
  loaded: LoadedStretch,
): number | undefined {
  if (value === held.value) return 0;
  if (value === null) return -1;
  if (held.value === null) return 1;
  const known = held.type !== null && loaded.type !== null;
  if (known && held.type !== loaded.type) return undefined;
  return compareWatermarks(value, held.value, loaded.type ?? held.type);
}

function shown(value: string | null): string {
  return value ?? 'nothing';
}

function moves(reason: string): Verdict {
  return { end: 'moves', reason };
}

function stays(reason: string): Verdict {
  return { end: 'stays', reason };
}
