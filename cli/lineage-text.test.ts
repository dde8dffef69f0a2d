import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import { impactLines, lineageLines } from './lineage-text.ts';

const address = (id: number, name: string, depth: number, columns?: string[] | null) => ({
  ...{ id, name, depth, type: 'postgres', group: 'database' },
  ...(columns !== undefined && { columns }),
});
const plain = (lines: readonly string[]) => lines.map(stripVTControlCharacters);

test('each address is told with the pipelines that lead to it by the shortest way', () => {
  const lines = lineageLines({
    address: { id: 1, name: 'a' },
    direction: 'downstream',
    addresses: [address(1, 'a', 0), address(2, 'b', 1), address(3, 'c', 2)],
    edges: [
      { source: 1, target: 2, pipelines: ['one', 'two'] },
      { source: 2, target: 3, pipelines: ['three'] },
      { source: 3, target: 2, pipelines: ['back'] },
    ],
  });
  expect(plain(lines)).toEqual(['DEPTH  TO  THROUGH', '1      b   one, two', '2      c   three']);
});

test('of a column, the columns are told, also where it may be any', () => {
  const lines = lineageLines({
    address: { id: 1, name: 'a' },
    direction: 'upstream',
    addresses: [
      address(1, 'a', 0, ['x']),
      address(2, 'b', 1, ['y', 'z']),
      address(3, 'c', 2, null),
    ],
    edges: [
      { source: 2, target: 1, pipelines: ['one'] },
      { source: 3, target: 2, pipelines: ['two'] },
    ],
  });
  expect(plain(lines)).toEqual([
    'DEPTH  FROM  THROUGH  COLUMNS',
    '1      b     one      y, z',
    '2      c     two      maybe any',
  ]);
});

test('an address that leads nowhere says so', () => {
  const alone = { address: { id: 1, name: 'a' }, addresses: [address(1, 'a', 0)] };
  expect(lineageLines({ ...alone, direction: 'upstream', edges: [] })).toEqual([
    'Nothing upstream.',
  ]);
  expect(impactLines({ ...alone, pipelines: [] })).toEqual(['No pipeline reads it.']);
});

test('an impact counts what it touches', () => {
  const pipeline = { type: 'load', tags: [], depth: 1, reads: ['a'], writes: ['b'] };
  const lines = impactLines({
    address: { id: 1, name: 'a' },
    addresses: [address(1, 'a', 0), address(2, 'b', 1)],
    pipelines: [
      { ...pipeline, name: 'one', active: true },
      { ...pipeline, name: 'two', active: false },
    ],
  });
  expect(plain(lines)).toEqual([
    'DEPTH  PIPELINE        TYPE  WRITES',
    '1      one             load  b',
    '1      two (inactive)  load  b',
    '2 pipelines, 1 address',
  ]);
});
