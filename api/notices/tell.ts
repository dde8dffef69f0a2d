import type { NoticeMessage, NoticeNews, Telling } from '../../db/notices/routing.ts';
import { isAtLeast, isWorse } from '../../metadata/notice.ts';
import type { NoticeChannel, NoticeRoute } from '../../pipeline/notices.ts';
import { toContent } from './content.ts';
import type { NoticePlan } from './notice-plan.ts';

/**
 * Who is told what of a notice. An open one is told again when it has become more severe, or when the
 * repeat time is over; never once somebody has acknowledged it. Its recovery goes to whom it was told, muted since or not.
 */
export function tell(news: NoticeNews, plan: NoticePlan): Telling {
  const owesRecovery = news.recovered && news.channels.length > 0;
  if (news.muted && !owesRecovery) return { untold: 'muted' };
  if (news.recovered) return toEach(news.channels, news, plan);
  if (news.acknowledged) return { untold: 'acknowledged' };
  if (news.told && !isDueAgain(news, news.told, plan)) return { untold: 'repeated' };

  const channels = plan.routes.filter((route) => matches(route, news)).flatMap(channelsOf);
  if (channels.length === 0) return { untold: 'no_route' };
  return toEach([...new Set(channels)], news, plan);
}

function isDueAgain(
  { severity, at }: NoticeNews,
  told: NonNullable<NoticeNews['told']>,
  { repeatMs }: NoticePlan,
): boolean {
  return isWorse(severity, told.severity) || at.getTime() - told.at.getTime() >= repeatMs;
}

/** A route that names pipelines or tags is none for what is about no pipeline. */
function matches(route: NoticeRoute, news: NoticeNews): boolean {
  const { pipelines, tags, kinds, severity } = route;
  return (
    isAtLeast(news.severity, severity) &&
    (!kinds || kinds.includes(news.kind)) &&
    (!tags || tags.some((tag) => news.tags.includes(tag))) &&
    (!pipelines || pipelines.some((pattern) => fits(pattern, news.pipeline)))
  );
}

function fits(pattern: string, name: string | null): boolean {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return name !== null && new RegExp(`^${source}$`, 's').test(name);
}

function channelsOf({ channels }: NoticeRoute): readonly string[] {
  return channels;
}

/** A channel that hears of an open notice for the first time hears that it opened, whoever was told before. */
function toEach(channels: readonly string[], news: NoticeNews, plan: NoticePlan): Telling {
  const messages = channels.map((channel): NoticeMessage => {
    const heard = news.channels.includes(channel) ? 'repeated' : 'opened';
    const over = news.closed ? 'closed' : 'recovered';
    const event = news.recovered ? over : heard;
    const texts: NoticeChannel | undefined = plan.channels.get(channel);
    return { channel, event, content: toContent(news, event, texts ?? {}) };
  });
  return { messages };
}
