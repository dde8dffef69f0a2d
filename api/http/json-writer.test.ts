import fc from 'fast-check';
import { expect, test } from 'vitest';
import { JsonWriter } from './json-writer.ts';

test('what is written piece by piece is JSON, whatever its texts', () => {
  const texts = fc.string({ unit: 'binary', maxLength: 6_000 });
  fc.assert(
    fc.property(fc.array(texts), texts, (list, text) => {
      const writer = new JsonWriter();
      writer.text('[');
      for (const each of list) writer.text(`${JSON.stringify(each)},`);
      writer.text(JSON.stringify(text)).text(']');
      expect(JSON.parse(writer.written().toString())).toEqual([...list, text]);
    }),
    { numRuns: 30 },
  );
});
