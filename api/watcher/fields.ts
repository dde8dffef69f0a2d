import * as z from 'zod';
import { isRecord } from '../../runtime/json.ts';
import { laxFlag, laxInteger, laxNumber } from './lax.ts';
import { readMoment } from './moment.ts';
import { normalise } from './normalise.ts';

/** The greatest values that Postgres' `int4` and a JavaScript number hold exactly. */
export const INT4 = 2_147_483_647;
export const INT8 = Number.MAX_SAFE_INTEGER;

interface Range {
  readonly gt?: number;
  readonly ge?: number;
  readonly le?: number;
}

interface Length {
  readonly min?: number;
  readonly max: number;
}

/** Text of so many characters; numbers are no text. */
export const text = ({ min = 0, max }: Length) =>
  z
    .string()
    .superRefine((value, context) => {
      const length = value.length <= min || value.length > max ? Array.from(value).length : min;
      const issue = { origin: 'string', inclusive: true, input: value } as const;
      if (length < min) context.addIssue({ code: 'too_small', minimum: min, ...issue });
      if (length > max) context.addIssue({ code: 'too_big', maximum: max, ...issue });
    })
    .meta({ minLength: min, maxLength: max });

export const integer = (range: Range = {}) =>
  z.preprocess(laxInteger, within(z.int('integer'), range));

/** The id of a record; unknown ones are for the database to find out. */
export const id = () => integer({ le: INT4 });
export const executionId = () => integer();

export const number = (range: Range = {}) =>
  z.preprocess(laxNumber, within(z.number('number'), range));

export const flag = () => z.preprocess(laxFlag, z.boolean());

/** A point in time; see `readMoment`. */
export const moment = () =>
  z
    .unknown()
    .transform((input, context) => {
      const read = readMoment(input);
      if (read !== undefined) return read;
      context.addIssue({ code: 'custom', params: { type: 'value_error' }, message: NO_MOMENT });
      return z.NEVER;
    })
    .meta({ type: 'string', format: 'date-time' });

const NO_MOMENT = 'value is not a valid datetime';

/** A watermark: any text or number, kept as the caller wrote it. */
export const mark = () =>
  z.preprocess((input) => (typeof input === 'number' ? String(input) : input), text({ max: 50 }));

/** One of these words. */
export const choice = <const Word extends string>(words: readonly Word[]) => z.enum(words);

export const dictionary = () => z.record(z.string(), z.unknown());

export const list = <Field extends z.ZodType>(item: Field) => z.array(item);

export const datepart = () => choice(['minute', 'hour', 'day', 'week', 'month', 'year']);

/** May be left out or be null. */
export const maybe = <Field extends z.ZodType>(field: Field) => sometimes(field.nullable());

/**
 * May be left out; null is for the field to judge. JSON has no `undefined`, so what is there has a value; the
 * generator of the OpenAPI document does not know zod's own `exactOptional`.
 */
export const sometimes = <Field extends z.ZodType>(field: Field) =>
  field.optional() as unknown as z.ZodExactOptional<Field>;

/** Something that must hold for the record as a whole. */
export type Rule<Record> = readonly [message: string, holds: (record: Record) => boolean];

/** A body of Watcher's: strings normalised, unknown fields ignored, rules looked at when every field is good. */
export function model<Shape extends z.ZodRawShape>(
  name: string,
  shape: Shape,
  ...rules: readonly Rule<z.output<z.ZodObject<Shape>>>[]
) {
  const record = rules.reduce(
    (schema, [message, holds]) => schema.refine(holds, `Value error, ${message}`),
    z.object(shape),
  );
  const normal = (input: unknown) => (isRecord(input) ? normalise(input) : input);
  return z.preprocess(normal, record.meta({ id: name }));
}

function within<Schema extends z.ZodNumber>(schema: Schema, { gt, ge, le }: Range): Schema {
  let limited = schema;
  if (gt !== undefined) limited = limited.gt(gt);
  if (ge !== undefined) limited = limited.gte(ge);
  if (le !== undefined) limited = limited.lte(le);
  return limited;
}
