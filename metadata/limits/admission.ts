/** A run that asks whether it may begin, among the runs that its limit counts with it. */
export interface Asking {
  readonly id: number;
  readonly pipeline: string;
  readonly maxRuns: number;
  readonly onLimit: 'queue' | 'skip' | 'cancel_oldest';
  /** How many of the others run now, and the ids of some of them, the oldest first. */
  readonly running: number;
  readonly holders: readonly number[];
  /** How many of the others wait, and have their turn before it. */
  readonly ahead: number;
  /** The oldest of the others, waiting or running: at least as many as there are too many. */
  readonly oldest: readonly number[];
  /** How many others there are, waiting or running. */
  readonly others: number;
}

/** What a run or a block waits for, or why a run was not begun at all, or was ended. */
export interface Reason {
  readonly code: 'limit' | 'pool' | 'sensor' | 'worker' | 'temporal' | 'superseded' | 'cancelled';
  readonly message: string;
  /** Its place among those that wait, from 1. */
  readonly place?: number;
}

export type Decision =
  | { readonly is: 'admitted' }
  /** `cancel`: runs that give way to it. */
  | { readonly is: 'waiting'; readonly reason: Reason; readonly cancel: readonly number[] }
  | { readonly is: 'refused'; readonly reason: Reason };

/** Whether a run may begin now. Those that wait go first, in their order. */
export function decide(asking: Asking): Decision {
  const { id, onLimit, maxRuns, running, ahead, others, oldest } = asking;
  if (running + ahead < maxRuns) return { is: 'admitted' };
  if (onLimit === 'skip') return { is: 'refused', reason: skippedBecause(asking) };
  const reason = waitsFor({ ...asking, place: ahead + 1 });
  if (onLimit === 'queue') return { is: 'waiting', reason, cancel: [] };
  const tooMany = others + 1 - maxRuns;
  const first = [...oldest, id].sort((a, b) => a - b).slice(0, tooMany);
  if (first.includes(id)) {
    const newest = Math.max(...oldest);
    return { is: 'refused', reason: supersededBy(newest, maxRuns) };
  }
  return { is: 'waiting', reason, cancel: first };
}

interface Waiting extends Pick<Asking, 'pipeline' | 'maxRuns' | 'holders' | 'running'> {
  readonly place: number;
}

/** `waits for run 12 of orders (limit 1), place 2` */
export function waitsFor({ pipeline, maxRuns, holders, running, place }: Waiting): Reason {
  const whom =
    holders.length === 0 ? `its turn in ${pipeline}` : runsText(holders, running, pipeline);
  return { code: 'limit', message: `waits for ${whom} (limit ${maxRuns}), place ${place}`, place };
}

/** What became of a run that another one has pushed out. */
export function supersededBy(id: number, maxRuns: number): Reason {
  return { code: 'superseded', message: `run ${id} came after it (limit ${maxRuns})` };
}

function skippedBecause({ pipeline, maxRuns, holders, running }: Asking): Reason {
  const whom =
    holders.length === 0 ? `others of ${pipeline} wait` : runsText(holders, running, pipeline);
  const verb = holders.length === 0 ? '' : running === 1 ? ' was under way' : ' were under way';
  return { code: 'limit', message: `skipped: ${whom}${verb} (limit ${maxRuns})` };
}

function runsText(holders: readonly number[], running: number, pipeline: string): string {
  const more = running > holders.length ? ` and ${running - holders.length} more` : '';
  return `run${running === 1 ? '' : 's'} ${holders.join(', ')}${more} of ${pipeline}`;
}
