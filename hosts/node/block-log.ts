import type { JsonObject } from '../../runtime/json.ts';
import type { LogLevel } from '../protocol.ts';
import { send } from './channel.ts';
import type { Log } from './sdk.ts';
import { shorten } from './shorten.ts';

const MESSAGE_CHARACTERS = 16 * 1024;
const FIELDS_CHARACTERS = 64 * 1024;

/** The log of a block. Whatever it is given, logging does not fail the block. */
export function createLog(id: number): Log {
  const at =
    (level: LogLevel) =>
    (message: unknown, fields?: JsonObject): void => {
      const text = shorten(String(message), MESSAGE_CHARACTERS);
      const plain = fields && plainFields(fields);
      send({ type: 'log', id, level, message: text, ...(plain && { fields: plain }) });
    };
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

function plainFields(fields: JsonObject): JsonObject {
  try {
    const text = JSON.stringify(fields, (_key, value: unknown) =>
      typeof value === 'bigint' ? String(value) : value,
    );
    if (text.length <= FIELDS_CHARACTERS) return JSON.parse(text) as JsonObject;
    return { dropped: `${text.length} characters of fields` };
  } catch (error) {
    return { dropped: `fields that are no JSON: ${String(error)}` };
  }
}
