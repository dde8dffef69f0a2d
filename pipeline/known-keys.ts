import * as z from 'zod';
import type { Path } from './document.ts';

type Schema = z.core.$ZodType;

/** The keys that a schema knows at a place of a document; of a union, those of the kind that stands there. */
export function knownKeys(schema: Schema, raw: unknown, path: Path): readonly string[] {
  const inner = unwrap(schema);
  if (inner instanceof z.ZodUnion) {
    const options = inner.options.filter((option) => fits(option, raw));
    return [...new Set(options.flatMap((option) => knownKeys(option, raw, path)))];
  }
  const [step, ...rest] = path;
  if (step === undefined) return inner instanceof z.ZodObject ? Object.keys(inner.shape) : [];

  const value = childOf(raw, step);
  if (inner instanceof z.ZodRecord) return knownKeys(inner.valueType, value, rest);
  if (inner instanceof z.ZodArray) return knownKeys(inner.element, value, rest);
  if (inner instanceof z.ZodObject && Object.hasOwn(inner.shape, step)) {
    return knownKeys(inner.shape[step] as Schema, value, rest);
  }
  return [];
}

function unwrap(schema: Schema): Schema {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault) {
    return unwrap(schema.unwrap());
  }
  return schema;
}

/** Whether every literal of the option, such as its `kind`, is what the document says. */
function fits(option: Schema, raw: unknown): boolean {
  if (!(option instanceof z.ZodObject)) return true;
  return Object.entries(option.shape).every(
    ([key, field]) =>
      !(field instanceof z.ZodLiteral) || field.values.has(childOf(raw, key) as string),
  );
}

function childOf(raw: unknown, step: string | number): unknown {
  if (typeof raw !== 'object' || raw === null || !Object.hasOwn(raw, step)) return undefined;
  return (raw as Record<string | number, unknown>)[step];
}
