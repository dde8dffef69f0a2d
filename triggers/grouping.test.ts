import fc from 'fast-check';
import { expect, test } from 'vitest';
import { groupEvents, type Group, type Join } from './grouping.ts';

const NOW = 1_000_000;
const BATCH = { batch: { max: 3, windowMs: 60_000 } };
const DEBOUNCE = { debounce: { quietMs: 1_000, maxWaitMs: 5_000 } };

const join = (rule: Join['rule'] = {}, key = '', triggerId = 1): Join => ({
  ...{ triggerId, key, rule, depth: 0 },
});

const open = (change: Partial<Group>): Group => ({
  ...{ id: 7, triggerId: 1, key: '', open: true, events: 1, depth: 0 },
  ...{ dueMs: NOW + 500, latestMs: NOW + 2_000 },
  ...change,
});

test('without debounce and batch each event has a run of its own, at once', () => {
  const { groups, places } = groupEvents([join(), join()], [], NOW);

  expect(places).toEqual([0, 1]);
  expect(groups).toMatchObject([
    { id: null, open: false, events: 1, dueMs: NOW },
    { id: null, open: false, events: 1, dueMs: NOW },
  ]);
});

test('a batch that is full starts at once, and what comes later waits in the next one', () => {
  const { groups, places } = groupEvents(
    [1, 2, 3, 4].map(() => join(BATCH)),
    [],
    NOW,
  );

  expect(places).toEqual([0, 0, 0, 1]);
  expect(groups).toMatchObject([
    { open: false, events: 3, dueMs: NOW },
    { open: true, events: 1, dueMs: NOW + 60_000 },
  ]);
});

test('an open batch is filled first, and its window stays as it was', () => {
  const { groups } = groupEvents([join(BATCH)], [open({})], NOW);

  expect(groups).toEqual([open({ events: 2 })]);
});

test('each event puts debounce off, but not beyond the longest wait', () => {
  const early = groupEvents([join(DEBOUNCE)], [open({})], NOW).groups;
  const late = groupEvents([join(DEBOUNCE)], [open({})], NOW + 1_500).groups;

  expect(early).toMatchObject([{ id: 7, events: 2, dueMs: NOW + 1_000 }]);
  expect(late).toMatchObject([{ id: 7, events: 2, dueMs: NOW + 2_000 }]);
});

test('whose longest wait is over takes nobody any more', () => {
  const { groups, places } = groupEvents([join(DEBOUNCE)], [open({})], NOW + 2_000);

  expect(groups).toMatchObject([
    { id: 7, open: false, events: 1 },
    { id: null, open: true, events: 1, dueMs: NOW + 3_000 },
  ]);
  expect(places).toEqual([1]);
});

test('only events of one trigger and one key wait together', () => {
  const joins = [join(BATCH, 'a'), join(BATCH, 'b'), join(BATCH, 'a'), join(BATCH, 'a', 2)];

  expect(groupEvents(joins, [], NOW).places).toEqual([0, 1, 0, 2]);
});

test('a group is as deep as the deepest of its events', () => {
  const joins = [2, 5, 3].map((depth) => ({ ...join(BATCH), depth }));

  expect(groupEvents(joins, [], NOW).groups).toMatchObject([{ depth: 5 }]);
});

test('no event is lost or counted twice, and no batch is larger than it may be', () => {
  const some = fc.record({ key: fc.constantFrom('a', 'b'), max: fc.constantFrom(1, 2, 5) });
  fc.assert(
    fc.property(fc.array(some, { maxLength: 40 }), fc.integer({ min: 1, max: 4 }), (list, held) => {
      const joins = list.map(({ key, max }) =>
        join({ batch: { max, windowMs: 1_000 } }, `${key}${max}`, max),
      );
      const waiting = open({ triggerId: 5, key: 'a5', events: held });
      const { groups, places } = groupEvents(joins, [waiting], NOW);
      const counted = groups.map(
        ({ id }, at) => places.filter((place) => place === at).length + (id === null ? 0 : held),
      );
      return groups.every(
        ({ events, triggerId }, at) => events === counted[at] && events <= triggerId,
      );
    }),
  );
});
