import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readTime } from './read-time.ts';

test('a time is read to the millisecond, whatever its year, its digits and its zone', () => {
  const years = fc.date({
    ...{ min: new Date('0001-01-01'), max: new Date('9999-12-31T23:59:59.999Z') },
    noInvalidDate: true,
  });
  const zones = fc.constantFrom(['+00', 0], ['+05:30', 330], ['-08', -480]) as fc.Arbitrary<
    [string, number]
  >;
  fc.assert(
    fc.property(years, zones, fc.nat(999), (time, [zone, minutes], micros) => {
      const local = new Date(time.getTime() + minutes * 60_000).toISOString();
      fc.pre(!/^[+-]|^0000/.test(local));
      const digits = `${local.slice(20, 23)}${String(micros).padStart(3, '0')}`.replace(/0+$/, '');
      const text = `${local.slice(0, 10)} ${local.slice(11, 19)}${digits && '.'}${digits}${zone}`;
      expect(readTime(text)).toEqual(time);
    }),
  );
});

test('years of more digits and those before our era are read too', () => {
  expect(readTime('12026-01-31 00:00:00+00').toISOString()).toBe('+012026-01-31T00:00:00.000Z');
  expect(readTime('0044-03-15 12:00:00+00 BC').toISOString()).toBe('-000043-03-15T12:00:00.000Z');
  expect(readTime('infinity')).toBe(Infinity);
});
