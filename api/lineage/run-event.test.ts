import { expect, test } from 'vitest';
import type { ClaimedEvent, EventType } from '../../db/lineage/open-lineage-events.ts';
import { toRunEvent } from './run-event.ts';

const failed: ClaimedEvent = {
  ...{ id: 1, type: 'FAIL', occurredAt: new Date(0), attempt: 1, execution: 7, plan: null },
  ...{ run: { pipeline: 'daily', id: 'r' }, parent: null, root: null, description: '' },
  ...{ totalRows: null, error: { code: 'sql.invalid', message: 'no such day', block: 'orders' } },
};

test.each<[EventType, string | undefined]>([
  ['START', undefined],
  ['FAIL', 'orders: no such day'],
  ['ABORT', 'orders: no such day'],
])('of a run that has failed by now, %s tells the error %s', (type, message) => {
  const event = { ...failed, type };
  const told = toRunEvent({ event, namespace: 'n', lineage: undefined, schemas: new Map() });

  expect(told.run.facets.errorMessage?.message).toBe(message);
});
