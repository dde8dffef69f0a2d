import { ApplicationFailure } from '@temporalio/activity';
import { untilBack } from '../db/away.ts';
import type { Db } from '../db/database.ts';
import { giveSlotsBack, renewSlots, takeSlots } from '../db/limits/take-slots.ts';
import { SLOTS_LOST, type SlotRequest } from '../workflows/activities.ts';

/** Four times within the life of a lease: three may be missed. */
const RENEW_MS = 5_000;

/**
 * Does the work of one attempt while it holds its slots, and gives them back. They were taken before the
 * attempt was scheduled; when they have run out since and others hold them, the workflow takes them anew.
 */
export async function withSlots<Result>(
  db: Db,
  request: SlotRequest,
  holder: string,
  signal: AbortSignal,
  work: () => Promise<Result>,
): Promise<Result> {
  const hold = () => renewSlots(db, request, holder);
  const isOurs = await untilBack(async () => {
    if (await hold()) return true;
    return (await takeSlots(db, request)).granted && hold();
  }, signal);
  if (!isOurs) throw lost(request);
  const renewing = setInterval(() => {
    void hold().catch(() => undefined);
  }, RENEW_MS);
  try {
    return await work();
  } finally {
    clearInterval(renewing);
    // Should that fail, they run out by themselves.
    await giveSlotsBack(db, request).catch(() => undefined);
  }
}

function lost({ pool: { name } }: SlotRequest): ApplicationFailure {
  const message = `The slots of ${name} ran out before the attempt could begin`;
  return ApplicationFailure.create({ type: SLOTS_LOST, message, nonRetryable: true });
}
