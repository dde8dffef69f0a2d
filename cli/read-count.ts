import { InvalidArgumentError } from 'commander';

/** A whole number from 1, as an option's value. */
export function readCount(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It must be a whole number from 1.');
}
