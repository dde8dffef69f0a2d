import { Fault } from '../../runtime/fault.ts';
import type { Json, JsonObject } from '../../runtime/json.ts';
import type { HostInput } from '../protocol.ts';
import { createLog } from './block-log.ts';
import { rowsOf, valueOf } from './input-view.ts';
import { parametersOf } from './parameters.ts';
import { identifier } from './quote.ts';
import { alsoStandsFor, createRelation } from './relation.ts';
import type { Attempt } from './run-request.ts';
import type { BlockContext, Input, Relation } from './sdk.ts';
import type { Query } from './write-query.ts';

/** What a block's function is called with. */
export async function createContext(attempt: Attempt): Promise<BlockContext> {
  const { request, database, signal } = attempt;
  const { key: _key, ...run } = request.run;
  return {
    inputs: await inputsOf(attempt),
    params: request.params,
    watermark: request.watermark,
    run,
    log: createLog(request.id),
    signal,
    sql: <Q extends object>(text: string, params: JsonObject = {}) =>
      createRelation(database, queryFor(attempt, text, params)) as Relation<Q>,
  };
}

async function inputsOf(attempt: Attempt): Promise<Readonly<Record<string, Input>>> {
  const inputs: Record<string, Input> = {};
  for (const input of attempt.request.inputs) {
    inputs[input.alias] = createInput(attempt, input, await valueOf(input));
  }
  return new Proxy(inputs, {
    get(target, alias) {
      if (typeof alias === 'symbol' || Object.hasOwn(target, alias)) {
        return Reflect.get(target, alias) as unknown;
      }
      if (alias === 'then' || alias === 'toJSON') return undefined;
      const names = Object.keys(target).join(', ') || 'none';
      throw new Fault('block.invalid', `The block has no input ${alias}; its inputs: ${names}`);
    },
  });
}

function createInput(attempt: Attempt, { alias }: HostInput, value: Json | undefined): Input {
  const name = identifier(alias);
  const whole = queryFor(attempt, `FROM ${name}`, {});
  const table = createRelation(attempt.database, whole);
  const input: Input = {
    value,
    rows: value === undefined ? () => table.rows() : () => Promise.resolve(rowsOf(value)),
    stream: value === undefined ? () => table.stream() : () => each(rowsOf(value)),
    sql: <Q extends object>(text: string, params: JsonObject = {}) => {
      const query = queryFor(attempt, text, params);
      const narrowed = `WITH input AS (FROM ${name}) FROM (${query.text}\n)`;
      const written = { file: 'sql', source: { text: narrowed, offset: 0 } };
      return createRelation(attempt.database, { ...query, text: narrowed, written }) as Relation<Q>;
    },
  };
  alsoStandsFor(input, whole);
  return input;
}

function queryFor({ request }: Attempt, text: string, params: JsonObject): Query {
  const trimmed = text.trim().replace(/;$/, '');
  return {
    text: trimmed,
    values: { ...parametersOf(request), ...params },
    written: { file: 'sql', source: { text: trimmed, offset: 0 } },
  };
}

async function* each<T>(items: readonly T[]): AsyncIterable<T> {
  yield* await Promise.resolve(items);
}
