import { createHash } from 'node:crypto';
import type { EventTriggerRow } from '../../db/events/event-triggers.ts';
import type { Verdict, WaitingEvent } from '../../db/events/match-events.ts';
import { evaluateEventText, evaluateFilter } from '../../plan/expression.ts';
import { Fault } from '../../runtime/fault.ts';
import type { JsonObject } from '../../runtime/json.ts';
import { isOfRule } from '../../triggers/matches.ts';

/** Longer chains of runs that start each other are taken for endless ones. */
const DEEPEST = 20;
/** An index holds no text of any length. */
const LONGEST_KEY = 200;

/** Attributes that an event may leave out, so that an expression may ask for them all the same. */
const OPTIONAL = { subject: null, time: null, datacontenttype: null, dataschema: null, data: null };

/** What expressions see of an event. */
export function scopeOf(body: JsonObject): JsonObject {
  return { ...OPTIONAL, ...body };
}

/** What a trigger makes of an event; undefined: it does not wait for it. */
export function judge(trigger: EventTriggerRow, event: WaitingEvent): Verdict | undefined {
  const { event: rule } = trigger.definition;
  if (!isOfRule(rule, event)) return undefined;
  const scope = scopeOf(event.body);
  try {
    if (rule.filter !== undefined && !evaluateFilter(rule.filter, scope)) return undefined;
    if (event.depth > DEEPEST) return endless(event.depth);
    if (trigger.paused) return PAUSED;
    const key = rule.key === undefined ? '' : evaluateEventText(rule.key, scope);
    if (rule.dedup === undefined) return { state: 'taken', key: short(key) };
    const dedup = evaluateEventText(rule.dedup, scope);
    return { state: 'taken', key: short(key), dedup: short(dedup) };
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return { state: 'dead', reason: { code: error.code, message: error.message } };
  }
}

const PAUSED: Verdict = {
  state: 'skipped',
  reason: { code: 'paused', message: 'The trigger was paused' },
};

function endless(depth: number): Verdict {
  const message = `${depth} runs have started each other in a row: this looks endless`;
  return { state: 'dead', reason: { code: 'loop', message } };
}

function short(text: string): string {
  if (text.length <= LONGEST_KEY) return text;
  return createHash('sha256').update(text).digest('hex');
}
