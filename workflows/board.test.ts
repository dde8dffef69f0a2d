import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Route, RouteBlock } from '../plan/route.ts';
import type { BlockOutput, ClosedBlock } from './activities.ts';
import { Board } from './board.ts';

test('a block becomes ready when the last block that it waits for has succeeded', () => {
  const board = new Board(route({ load: [], also: [], join: ['load', 'also'] }));

  expect(take(board)).toEqual(['load', 'also']);
  board.succeed('load', output());
  expect(take(board)).toEqual([]);
  board.succeed('also', output());
  expect(take(board)).toEqual(['join']);
});

test('no more blocks are taken than there is room for, and none twice', () => {
  const board = new Board(route({ a: [], b: [], c: [] }));

  expect(take(board, 2)).toEqual(['a', 'b']);
  expect(take(board, 2)).toEqual(['c']);
  expect(take(board, 2)).toEqual([]);
  expect(take(board, -1)).toEqual([]);
});

test('everything below a failed block is upstream_failed, and other branches go on', () => {
  const board = new Board(
    route({ bad: [], mid: ['bad'], leaf: ['mid'], other: [], end: ['other'] }),
  );
  take(board);

  board.fail({ name: 'bad', state: 'failed', error: { code: 'block.failed', message: 'no' } });
  board.succeed('other', output());

  expect(take(board)).toEqual(['end']);
  board.succeed('end', output());
  expect(board.finished).toBe(true);
  expect(statesOf(board)).toEqual({
    bad: 'failed',
    mid: 'upstream_failed',
    leaf: 'upstream_failed',
    other: 'succeeded',
    end: 'succeeded',
  });
});

test('everything below a skipped block is skipped, and that is no error', () => {
  const board = new Board(route({ ready: [], load: ['ready'], end: ['load'], other: [] }));
  take(board);

  board.fail({ name: 'ready', state: 'skipped' });
  board.succeed('other', output());

  expect(board.finished).toBe(true);
  expect(board.firstError).toBeUndefined();
  expect(statesOf(board)).toEqual({
    ready: 'skipped',
    load: 'skipped',
    end: 'skipped',
    other: 'succeeded',
  });
});

test('a block that is put back waits for its turn again, also on the board of the next history', () => {
  const blocks = route({ load: [], ready: ['load'], end: ['ready'] });
  const board = new Board(blocks);
  take(board);
  board.succeed('load', output(1));
  const [ready] = board.take(9);
  if (ready) board.putBack(ready);

  expect([board.running.size, board.finished]).toEqual([0, false]);
  const next = new Board(blocks, board.closedBlocks, board.neededOutputs);
  const [again] = next.take(9);
  expect(again && [again.name, next.inputsOf(again)]).toEqual(['ready', { load: output(1) }]);
});

test('blocks that never started end as cancelled', () => {
  const board = new Board(route({ a: [], b: ['a'] }));

  expect(statesOf(board)).toEqual({ a: 'cancelled', b: 'cancelled' });
});

test('only outputs that somebody still has to read are carried on', () => {
  const board = new Board(route({ a: [], b: ['a'], c: ['b'] }));
  take(board);
  board.succeed('a', output(1));
  take(board);
  board.succeed('b', output(2));

  expect(board.neededOutputs).toEqual({ b: output(2) });
});

test('a board made from what another one carried on goes on where that one was', () => {
  const blocks = route({ a: [], b: ['a'], c: ['b'], d: ['a'], e: ['d'] });
  const first = new Board(blocks);
  take(first);
  first.succeed('a', output(1));
  take(first);
  first.succeed('b', output(2));
  first.fail({ name: 'd', state: 'failed' });

  const second = new Board(blocks, first.closedBlocks, first.neededOutputs);

  expect(second.take(9).map((block) => [block.name, second.inputsOf(block)])).toEqual([
    ['c', { b: output(2) }],
  ]);
  second.succeed('c', output(3));
  expect(second.finished).toBe(true);
});

test('whatever the graph and wherever it is cut, every block runs once and after its own', () => {
  fc.assert(
    fc.property(graphs(), fc.nat(), (waits, cut) => {
      const blocks = route(waits);
      const order: string[] = [];
      let board = new Board(blocks);
      for (let turn = 0; !board.finished; turn += 1) {
        for (const { name, after } of board.take(2)) {
          expect(after.every((other) => order.includes(other))).toBe(true);
          board.succeed(name, output());
          order.push(name);
        }
        if (turn === cut % 5) board = new Board(blocks, board.closedBlocks, board.neededOutputs);
      }
      expect([...order].sort()).toEqual(Object.keys(waits).sort());
    }),
  );
});

function route(waits: Record<string, string[]>): Route {
  const blocks = Object.entries(waits).map(([name, after]): RouteBlock => ({
    name,
    kind: 'custom',
    after,
    inputs: after,
    policy: 0,
  }));
  return { pipeline: 'sample', plan: 'hash', blocks, policies: [] };
}

/** Acyclic: a block waits only for blocks with smaller numbers. */
function graphs() {
  return fc
    .array(fc.array(fc.nat(), { maxLength: 3 }), { maxLength: 12 })
    .map((rows) =>
      Object.fromEntries(
        rows.map((row, place): [string, string[]] => [
          `b${place}`,
          place === 0 ? [] : [...new Set(row.map((other) => `b${other % place}`))],
        ]),
      ),
    );
}

const output = (rows = 0): BlockOutput => ({ attempt: 1, rows });

const take = (board: Board, limit = 99) => board.take(limit).map(({ name }) => name);

const statesOf = (board: Board) =>
  Object.fromEntries(board.finalBlocks.map(({ name, state }: ClosedBlock) => [name, state]));
