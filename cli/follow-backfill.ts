import { Backfill } from '../api/contract/backfill.ts';
import type { ApiClient } from './api-client.ts';
import { countsText } from './backfill-text.ts';
import { patiently } from './patiently.ts';
import { whyUntaken } from './why-queued.ts';

const LOOK_EVERY = '2s';

/** Tells `say` how a backfill stands whenever that changes, until it has ended. */
export async function followBackfill(
  client: ApiClient,
  started: Backfill,
  say: (line: string) => void,
): Promise<Backfill> {
  const path = `/api/backfills/${started.id}?wait=${LOOK_EVERY}`;
  let before = started;
  let said = '';
  for (;;) {
    const backfill = await patiently(() => client.get(path, Backfill));
    const untaken = !before.seen && !backfill.seen && backfill.ended_at === null;
    const why = untaken ? ` · ${await patiently(() => whyUntaken(client))}` : '';
    const line = `${backfill.state}: ${countsText(backfill)}${why}`;
    if (line !== said) say(line);
    if (backfill.ended_at !== null) return backfill;
    before = backfill;
    said = line;
  }
}
