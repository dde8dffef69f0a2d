import type { Json, JsonObject } from '../../runtime/json.ts';

export type { Json, JsonObject } from '../../runtime/json.ts';

/**
 * A row of a table. Integers are numbers (bigints beyond 2^53), DECIMAL is a number if a number
 * holds it exactly and a string otherwise, DATE and TIMESTAMP are Dates in UTC, BLOB is bytes,
 * JSON is parsed, LIST is an array, STRUCT and MAP are objects; TIME, INTERVAL and UUID are strings.
 */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- a row's columns are known to its user alone
export type Row = Record<string, any>;

/** The rows of a query, or of a whole input. Returned from a block, it is stored with its exact types. */
export interface Relation<R extends Row = Row> {
  /** All rows at once. */
  rows(): Promise<R[]>;
  /** Row by row, in little memory however many there are. */
  stream(): AsyncIterable<R>;
}

/** What another block returned. */
export interface Input<R extends Row = Row> extends Relation<R> {
  /** The JSON value of a block that returned one; undefined for a table. */
  readonly value: Json | undefined;
  /** Queries this input, as the table `input`; `$name` takes its value from `params`. */
  sql<Q extends Row = Row>(query: string, params?: JsonObject): Relation<Q>;
}

/** Writes a line to the run's log. */
export interface Log {
  debug(message: string, fields?: JsonObject): void;
  info(message: string, fields?: JsonObject): void;
  warn(message: string, fields?: JsonObject): void;
  error(message: string, fields?: JsonObject): void;
}

export interface RunInfo {
  readonly id: number;
  readonly pipeline: string;
  readonly block: string;
  /** From 1. */
  readonly attempt: number;
  /** ISO 8601: the time that the run stands for; null when it stands for none. */
  readonly scheduledAt: string | null;
  /** The data that the run is about: from the start up to, but without, the end. */
  readonly intervalStart: string | null;
  readonly intervalEnd: string | null;
}

export interface BlockContext<P = JsonObject> {
  /** By alias. Asking for one that the block does not have is an error. */
  readonly inputs: Readonly<Record<string, Input>>;
  readonly params: P;
  /** Where the last successful run ended; null on a first run and on a full load. */
  readonly watermark: string | null;
  readonly run: RunInfo;
  readonly log: Log;
  /** Aborts when the run is cancelled: a block that heeds it can clean up. */
  readonly signal: AbortSignal;
  /** Queries all inputs by their aliases; `$name` takes its value from `params`, then from the run's. */
  sql<Q extends Row = Row>(query: string, params?: JsonObject): Relation<Q>;
}

/** Rows, one by one or in lists of any size. */
export type RowStream = AsyncIterable<Row | readonly Row[]> | Iterable<Row | readonly Row[]>;

/** A table (rows, a stream of rows, a relation), a JSON value, or nothing. */
// eslint-disable-next-line @typescript-eslint/no-invalid-void-type -- a block may simply not return
export type BlockOutput = Relation | RowStream | readonly Row[] | Json | undefined | void;

export interface BlockOptions {
  /**
   * Columns and DuckDB types of the rows that it returns, such as `{ day: 'DATE', n: 'INTEGER' }`.
   * Without it types come from the values, and a block that returns no rows leaves no columns.
   */
  readonly columns?: Readonly<Record<string, string>>;
}

export interface BlockFunction<P = JsonObject> extends BlockOptions {
  (context: BlockContext<P>): BlockOutput | Promise<BlockOutput>;
}

/**
 * Makes a function a block; a block file exports one as its default.
 *
 * ```ts
 * import { block } from 'highwater';
 *
 * export default block<{ month: string }>(async ({ inputs, params, log }) => {
 *   const flights = await inputs.flights.rows();
 *   log.info('read flights', { month: params.month, flights: flights.length });
 *   return flights.filter((flight) => flight.delay > 0);
 * });
 * ```
 */
export function block<P = JsonObject>(
  run: (context: BlockContext<P>) => BlockOutput | Promise<BlockOutput>,
  options: BlockOptions = {},
): BlockFunction<P> {
  return Object.assign(run, options);
}

/** An error that another attempt would meet again: the block is not retried. */
export class PermanentError extends Error {
  override readonly name = 'PermanentError';
}
