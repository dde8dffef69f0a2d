import pc from 'picocolors';
import type { Mute, Notice, NoticeSummary } from '../api/contract/notice.ts';
import { inColumns } from './columns.ts';

type Colour = (text: string) => string;

const STATES: Readonly<Record<NoticeSummary['state'], Colour>> = {
  open: pc.red,
  acknowledged: pc.yellow,
  recovered: pc.green,
  closed: pc.dim,
};
const DELIVERIES: Readonly<Record<Notice['deliveries'][number]['state'], Colour>> = {
  pending: pc.yellow,
  delivered: pc.green,
  given_up: pc.red,
};
const CLOSED: Readonly<Record<NonNullable<NoticeSummary['closed']>['because'], string>> = {
  removed: 'its pipeline has no file any more',
  inactive: 'its pipeline is not active any more',
};
const UNTOLD: Readonly<Record<NonNullable<NoticeSummary['untold']>, string>> = {
  muted: 'a mute covers it',
  acknowledged: 'it is acknowledged',
  repeated: 'it was told shortly before',
  no_route: 'no route takes it',
};

export function drawNotices(notices: readonly NoticeSummary[]): string[] {
  if (notices.length === 0) return ['No notices.'];
  const head = ['NOTICE', 'STATE', 'SEVERITY', 'KIND', 'PIPELINE', 'SINCE', 'TIMES', 'TITLE'];
  const rows = notices.map((notice) => [
    String(notice.id),
    STATES[notice.state](notice.state),
    notice.severity,
    notice.kind,
    notice.pipeline ?? '',
    localTime(notice.first_raised_at),
    String(notice.count),
    notice.title,
  ]);
  return inColumns([head.map((title) => pc.dim(title)), ...rows]);
}

export function drawNotice(notice: Notice): string[] {
  return [
    `${pc.bold(notice.title)} ${STATES[notice.state](notice.state)}`,
    notice.message,
    ...notice.details.map(({ key, value }) => `${pc.dim(`${key}:`)} ${value}`),
    '',
    ...factsOf(notice),
    '',
    ...drawDeliveries(notice),
  ];
}

function factsOf(notice: Notice): string[] {
  const { kind, severity, pipeline, run, count, acknowledged, recovered_at, closed } = notice;
  const rows = [
    [
      'about',
      [kind, severity, pipeline, run === null ? null : `run ${run}`].filter(Boolean).join(', '),
    ],
    [
      'raised',
      `${times(count)}, from ${localTime(notice.first_raised_at)} to ${localTime(notice.last_raised_at)}`,
    ],
    ['told', notice.told_at === null ? 'nobody' : localTime(notice.told_at)],
    ['not told again', notice.untold === null ? '' : UNTOLD[notice.untold]],
    ['acknowledged', acknowledged ? `by ${acknowledged.by}, ${localTime(acknowledged.at)}` : ''],
    ['recovered', recovered_at === null ? '' : localTime(recovered_at)],
    ['closed', closed ? `${localTime(closed.at)}: ${CLOSED[closed.because]}` : ''],
  ];
  return inColumns(rows.flatMap(([key = '', value = '']) => (value ? [[pc.dim(key), value]] : [])));
}

function drawDeliveries({ deliveries }: Notice): string[] {
  if (deliveries.length === 0) return ['Nothing was sent.'];
  const head = ['CHANNEL', 'ABOUT', 'STATE', 'ATTEMPTS', 'NEXT', 'ERROR'];
  const rows = deliveries.map(({ channel, event, state, attempts, next_attempt_at, error }) => [
    channel,
    event,
    DELIVERIES[state](state.replace('_', ' ')),
    String(attempts),
    next_attempt_at === null ? '' : localTime(next_attempt_at),
    error ?? '',
  ]);
  return inColumns([head.map((title) => pc.dim(title)), ...rows]);
}

export function drawMutes(mutes: readonly Mute[]): string[] {
  if (mutes.length === 0) return ['No mutes.'];
  const head = ['MUTE', 'PIPELINE', 'KIND', 'UNTIL', 'BY', 'REASON'];
  const rows = mutes.map(({ id, active, pipeline, kind, until, created_by, reason }) => [
    String(id),
    pipeline ?? 'all',
    kind ?? 'all',
    active ? (until === null ? 'it is lifted' : localTime(until)) : 'over',
    created_by,
    reason,
  ]);
  return inColumns([head.map((title) => pc.dim(title)), ...rows]);
}

function times(count: number): string {
  return count === 1 ? 'once' : `${count} times`;
}

/** `2026-01-31 12:00:00` in the time zone of the reader. */
function localTime(time: string): string {
  return new Date(time).toLocaleString('sv-SE');
}
