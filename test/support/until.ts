import { setTimeout as wait } from 'node:timers/promises';

/** Asks again every 20 ms until the answer is truthy; rejects after `ms`. */
export async function until<Answer>(
  ask: () => Promise<Answer> | Answer,
  ms = 60_000,
): Promise<NonNullable<Answer>> {
  const end = Date.now() + ms;
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    if (Date.now() > end) throw new Error(`Nothing came within ${ms} ms`);
    await wait(20);
  }
}
