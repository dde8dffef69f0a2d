import { expect, test } from 'vitest';
import { checkInput } from './check-input.ts';

test.each([{}, { params: { month: 'May' } }, { full_load: true, params: {} }])(
  'the input %j is taken',
  (input) => {
    expect(() => {
      checkInput(input);
    }).not.toThrow();
  },
);

test.each([
  ['hello', 'it must be an object'],
  [[], 'it must be an object'],
  [{ month: 'May' }, 'nothing is called "month" there'],
  [{ params: [1] }, '"params" must be an object'],
  [{ full_load: 'yes' }, '"full_load" must be true or false'],
  [{ executionId: 'abc' }, '"executionId" must be the id of a run'],
  [{ plan: 7 }, '"plan" must be the hash of a plan'],
])('the input %j is refused with an example of what it should be', (input, problem) => {
  const check = () => {
    checkInput(input);
  };
  expect(check).toThrow(problem);
  expect(check).toThrow('{"params": {');
});
