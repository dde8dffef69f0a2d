import { getEvent, listMatches, type MatchRecord } from '../../db/events/event-records.ts';
import { listEventTriggers, type EventTriggerRow } from '../../db/events/event-triggers.ts';
import { matchEvents, takeTurn, type Verdict } from '../../db/events/match-events.ts';
import { recordChange } from '../../db/triggers/changes.ts';
import { Fault } from '../../runtime/fault.ts';
import type { Event, ReplayRequest } from '../contract/event.ts';
import type { ApiDeps } from '../deps.ts';
import { judge } from './judge.ts';
import { loadEvent } from './load-event.ts';

/**
 * Matches a stored event once more, with the triggers as they are now; that it was seen before does not
 * count. Fails with `event.not_found`, or `event.unmatched` when no trigger waits for it.
 */
export async function replayEvent(
  deps: ApiDeps,
  id: number,
  { actor, trigger, only_dead = false }: ReplayRequest,
): Promise<Event> {
  const event = await getEvent(deps.db, id);
  await deps.db.transaction().execute(async (tx) => {
    await takeTurn(tx);
    const before = await listMatches(tx, id);
    const triggers = (await listEventTriggers(tx)).filter(
      (one) =>
        (trigger === undefined || trigger === `${one.pipeline}/${one.name}`) &&
        (!only_dead || isDead(one, before)) &&
        judge(one, event),
    );
    if (triggers.length === 0) {
      throw new Fault(
        'event.unmatched',
        `No trigger${trigger ? ` ${trigger}` : ''} waits for event ${id}`,
      );
    }
    await matchEvents(tx, triggers, [event], judgeAgain);
    for (const { pipeline, name } of triggers) {
      const details = { event: id };
      await recordChange(tx, { pipeline, trigger: name, action: 'event replayed', actor, details });
    }
  });
  deps.eventLoop.ring();
  return loadEvent(deps.db, id);
}

function isDead({ id }: EventTriggerRow, matches: readonly MatchRecord[]): boolean {
  return matches.findLast(({ triggerId }) => triggerId === id)?.state === 'dead';
}

function judgeAgain(...args: Parameters<typeof judge>): Verdict | undefined {
  const verdict = judge(...args);
  return verdict?.state === 'taken' ? { state: 'taken', key: verdict.key } : verdict;
}
