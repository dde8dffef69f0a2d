import type { ProjectDefinition } from '../definition.ts';
import { didYouMean } from '../did-you-mean.ts';
import type { Finding } from '../document.ts';
import { NOTICE_FIELDS } from '../expression.ts';
import type { Reference } from '../expression-names.ts';
import type { NoticeChannel } from '../notices.ts';
import { textsIn } from '../texts-in.ts';
import { inText } from './check-expressions.ts';
import { mapOf } from './check-names.ts';

/** A channel of this name is there without a definition, when SLACK_WEBHOOK_URL is set. */
const BUILT_IN = 'slack';

/** Routes name channels that are there; addresses see the environment, texts see the notice. */
export function checkNotices(
  { notices }: ProjectDefinition,
  raw: Readonly<Record<string, unknown>>,
): Finding[] {
  if (!notices) return [];
  const named = mapOf(mapOf(raw['notices'])['channels']); // also those that could not be read
  const known = [...Object.keys(named), BUILT_IN];
  return [
    ...Object.entries(notices.channels).flatMap(([name, channel]) => ofChannel(name, channel)),
    ...(notices.routes ?? []).flatMap(({ channels }, route) =>
      channels.flatMap((name, at) => {
        if (known.includes(name)) return [];
        const path = ['notices', 'routes', route, 'channels', at];
        const message = `there is no channel "${name}"${didYouMean(name, known)}`;
        return [{ path, code: 'channel.unknown', message }];
      }),
    ),
  ];
}

function ofChannel(name: string, { subject, message, ...settings }: NoticeChannel): Finding[] {
  const path = ['notices', 'channels', name];
  return [
    ...textsIn(settings, path).flatMap((text) => inText(text, 'connection', () => null)),
    ...textsIn({ subject, message }, path).flatMap((text) => inText(text, 'notice', fieldProblem)),
  ];
}

function fieldProblem({ path: [, field] }: Reference): string | null {
  if (field === undefined || NOTICE_FIELDS.includes(field)) return null;
  return `a notice has no "${field}"${didYouMean(field, NOTICE_FIELDS)}: known are ${NOTICE_FIELDS.join(', ')}`;
}
