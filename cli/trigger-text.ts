import pc from 'picocolors';
import type {
  LeftOut,
  NextFires,
  Trigger,
  TriggerChanges,
  TriggerDetail,
} from '../api/contract/trigger.ts';
import { durationText } from '../pipeline/duration.ts';
import { cronText } from '../triggers/cron.ts';
import type { Schedule } from '../triggers/schedule.ts';
import { inColumns } from './columns.ts';

export function drawTriggers(triggers: readonly Trigger[]): string[] {
  if (triggers.length === 0) return ['No pipeline has a trigger'];
  const rows = triggers.map((trigger) => [
    `${trigger.pipeline}/${trigger.name}`,
    trigger.kind,
    trigger.paused ? pc.yellow('paused') : 'active',
    trigger.next === null ? '' : timeText(trigger.next),
    trigger.paused ? (trigger.note ?? '') : whenText(trigger),
  ]);
  return inColumns([['TRIGGER', 'KIND', 'STATE', 'NEXT', 'WHEN'], ...rows]);
}

export function drawTrigger(trigger: TriggerDetail, { changes }: TriggerChanges): string[] {
  const { pipeline, name, kind, paused, note, description, next, deployed, left_out } = trigger;
  const facts = [
    ['kind', kind],
    ['state', paused ? 'paused' : 'active'],
    ...(note === null ? [] : [['note', note]]),
    ...(description === null ? [] : [['description', description]]),
    ...(kind === 'schedule' ? [['when', whenText(trigger)]] : []),
    ...(next === null ? [] : [['next', timeText(next)]]),
    ...(deployed === false ? [['deployed', 'not yet: Temporal does not know it']] : []),
    ...(left_out === null ? [] : leftOutFacts(left_out)),
  ];
  const definition = JSON.stringify(trigger.definition, null, 2).split('\n');
  const history = changes.map(({ changed_at, action, actor, details }) => [
    `  ${timeText(changed_at)}`,
    action,
    actor,
    detailsText(details),
  ]);
  return [
    pc.bold(`${pipeline}/${name}`),
    ...inColumns(facts.map(([key = '', value = '']) => [`  ${key}`, value])),
    ...(kind === 'schedule' ? [] : definition.map((line) => `  ${line}`)),
    ...(history.length === 0 ? [] : ['', 'Changes, the newest first:', ...inColumns(history)]),
  ];
}

/** Nothing of what never happened. */
function leftOutFacts({ overlap, catchup_window }: LeftOut): string[][] {
  const reasons = [
    ...(overlap > 0 ? [`${overlap} while a run was under way`] : []),
    ...(catchup_window > 0 ? [`${catchup_window} while Temporal was down`] : []),
  ];
  return reasons.length === 0 ? [] : [['left out', reasons.join(', ')]];
}

/** Where clocks change meanwhile each time has its offset: one that comes twice looks the same without. */
export function drawNext({ fires, paused, timezone }: NextFires): string[] {
  if (fires.length === 0) return ['It never fires again'];
  const offsetOf = (time: string) => offsetText(time, timezone);
  const told = fires.flatMap(({ at, interval_start: start }) => [at, ...(start ? [start] : [])]);
  const isSteady = new Set(told.map(offsetOf)).size === 1;
  const text = (time: string) =>
    `${timeText(time, timezone)}${isSteady ? '' : ` ${offsetOf(time)}`}`;
  const rows = fires.map(({ at, interval_start: start, interval_end: end }) => [
    text(at),
    start === null || end === null ? '' : `${text(start)} → ${text(end)}`,
  ]);
  return [
    ...(paused ? [pc.yellow('It is paused: none of these comes until it is resumed')] : []),
    ...inColumns([[`FIRES (${timezone})`, 'INTERVAL'], ...rows]),
  ];
}

/** When a trigger starts runs, in a few words. */
function whenText({ kind, definition }: Trigger): string {
  if (kind !== 'schedule') return '';
  const schedule = definition['schedule'] as Schedule;
  const times = [
    ...schedule.calendars.map((calendar) => calendar.comment ?? cronText(calendar)),
    ...schedule.intervals.map(({ everyMs }) => `every ${durationText(everyMs)}`),
  ];
  return `${times.join('; ')} (${schedule.timezone})`;
}

function detailsText(details: Readonly<Record<string, unknown>>): string {
  const { note, drift, at, run } = details;
  const texts = [note, drift, at, typeof run === 'number' ? `run ${run}` : undefined];
  return texts.filter((text) => typeof text === 'string').join(' ');
}

function timeText(time: string, timeZone?: string): string {
  return new Date(time).toLocaleString('sv-SE', { timeZone });
}

/** Such as `+01:00`. */
function offsetText(time: string, timeZone: string): string {
  const parts = new Intl.DateTimeFormat('en', {
    timeZone,
    timeZoneName: 'longOffset',
  }).formatToParts(new Date(time));
  const name = parts.find(({ type }) => type === 'timeZoneName')?.value ?? '';
  return name === 'GMT' ? '+00:00' : name.replace('GMT', '');
}
