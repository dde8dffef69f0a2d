import fc from 'fast-check';
import { expect, test } from 'vitest';
import { splitTemplate } from './template.ts';

test('text and expressions are told apart', () => {
  expect(splitTemplate('a ${{ x }} b')).toEqual({
    parts: [{ text: 'a ' }, { expression: ' x ', offset: 5 }, { text: ' b' }],
  });
});

test('braces inside strings and maps do not end an expression', () => {
  expect(splitTemplate(`\${{ {'a': {'b': "}}"}} }}`).parts).toEqual([
    { expression: ` {'a': {'b': "}}"}} `, offset: 3 },
  ]);
});

test('an expression that nothing closes is found', () => {
  expect(splitTemplate('ab ${{ x }').unclosed).toBe(3);
  expect(splitTemplate(`\${{ "x }}`).unclosed).toBe(0);
});

test('the parts together are the text', () => {
  const pieces = fc.constantFrom('${{', '}}', '{', '}', '"', "'", '\\', 'x', ' ', '$');
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 12 }), (list) => {
      const text = list.join('');
      const { parts, unclosed } = splitTemplate(text);
      const joined = parts
        .map((part) => ('text' in part ? part.text : `\${{${part.expression}}}`))
        .join('');
      expect(text.startsWith(joined)).toBe(true);
      if (unclosed === undefined) expect(joined).toBe(text);
    }),
  );
});
