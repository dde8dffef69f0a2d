import type { Check, World } from '../check.ts';
import type { Finding, Path } from '../document.ts';
import { durationMs } from '../duration.ts';
import type { EventTrigger } from '../event-trigger.ts';
import { parseExpression, ROOTS } from '../expression.ts';
import { textsIn } from '../texts-in.ts';
import { checkConnection } from './check-connections.ts';
import { inText } from './check-expressions.ts';

const NO_NAMES = () => null;

/** Event triggers say what they wait for, in sound CEL, and of places that are there. */
export const checkEventTriggers: Check = ({ definition, damagedTriggers }, world) =>
  Object.entries(definition.triggers ?? {}).flatMap(([name, { event, params }]) => {
    if (!event) return [];
    const path = ['triggers', name, 'event'];
    return [
      ...(damagedTriggers.has(name) ? [] : endless(event, path)),
      ...together(event, path),
      ...known(event, world, path),
      ...filter(event.filter, [...path, 'filter']),
      ...textsIn({ dedup: event.dedup, key: event.key }, path).flatMap((text) =>
        inText(text, 'event', NO_NAMES),
      ),
      ...textsIn(params, ['triggers', name, 'params']).flatMap((text) =>
        inText(text, event.batch ? 'events' : 'event', NO_NAMES),
      ),
    ];
  });

/** API triggers' secrets come from the environment, and their params from what is posted. */
export const checkApiTriggers: Check = ({ definition }) =>
  Object.entries(definition.triggers ?? {}).flatMap(([name, { api, params }]) => {
    if (!api) return [];
    const secret = textsIn(api.signature?.secret, ['triggers', name, 'api', 'signature', 'secret']);
    return [
      ...secret.flatMap((text) => inText(text, 'connection', NO_NAMES)),
      ...textsIn(params, ['triggers', name, 'params']).flatMap((text) =>
        inText(text, 'body', NO_NAMES),
      ),
    ];
  });

/** Without a type and a source, the end of each of its runs would start the next one. */
function endless({ type, source }: EventTrigger, path: Path): Finding[] {
  if (type !== undefined || source !== undefined) return [];
  const message = 'say which events it waits for: type, or source';
  return [{ path, at: 'key', code: 'key.missing', message }];
}

function together(event: EventTrigger, path: Path): Finding[] {
  const { debounce, batch, max_wait, key } = event;
  const findings: Finding[] = [];
  const misplaced = (at: string, message: string) => {
    findings.push({ path: [...path, at], at: 'key', code: 'key.misplaced', message });
  };
  if (debounce !== undefined && batch) {
    misplaced('batch', 'write either "debounce" or "batch", not both');
  }
  if (max_wait !== undefined && debounce === undefined) {
    misplaced('max_wait', '"max_wait" bounds how long debounce waits, and there is none');
  }
  if (key !== undefined && debounce === undefined && !batch) {
    misplaced('key', '"key" is for debounce and batch: to drop events twice, write dedup');
  }
  if (max_wait !== undefined && debounce !== undefined) {
    if (durationMs(max_wait) < durationMs(debounce)) {
      const message = `"max_wait" is shorter than debounce (${debounce})`;
      findings.push({ path: [...path, 'max_wait'], code: 'trigger.invalid', message });
    }
  }
  return findings;
}

function known({ source }: EventTrigger, { connections }: World, path: Path): Finding[] {
  if (typeof source !== 'object' || !('connection' in source) || !connections) return [];
  const needed = 'bucket' in source ? 's3' : 'postgres';
  return checkConnection(connections, source.connection, needed, [...path, 'source', 'connection']);
}

function filter(text: string | undefined, path: Path): Finding[] {
  if (text === undefined) return [];
  const { problem } = parseExpression(text, 'event');
  if (!problem) return [];
  const unknown = /^unknown variable: (.*)$/i.exec(problem.message)?.[1];
  const code = unknown === undefined ? 'expression.invalid' : 'expression.unknown_name';
  const message =
    unknown === undefined
      ? problem.message
      : `there is no "${unknown}" here: known are ${ROOTS.event.join(', ')}`;
  return [{ path, within: text.slice(problem.offset), code, message }];
}
