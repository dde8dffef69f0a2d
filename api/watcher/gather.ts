import { isAway, isDeadlock } from '../../db/away.ts';

/** How calls are answered together. */
export interface Gathering<Item> {
  /** How many at most. */
  readonly most: number;
  /** How many groups may be under way, when those before take longer than usual. */
  readonly lanes: number;
  /** Two calls with the same key are never under way at once. */
  readonly keyOf?: (item: Item) => unknown;
}

interface Call<Item, Answer> {
  readonly item: Item;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
}

/** A group that takes longer than this does not hold up the next one. */
const PATIENCE_MS = 25;
const ATTEMPTS = 5;

/**
 * Answers together what is asked while others are being answered: a lone call goes at once, and under load
 * many calls share one transaction. When a group is refused each of its calls is tried alone, so that none
 * fails for another's sake; a call that was in a deadlock is tried again.
 */
export function gather<Item, Answer>(
  answerAll: (items: readonly Item[]) => Promise<readonly Answer[]>,
  { most, lanes, keyOf = (item) => item }: Gathering<Item>,
): (item: Item) => Promise<Answer> {
  const underWay = new Set<unknown>();
  let waiting: Call<Item, Answer>[] = [];
  let busy = 0;
  let patient = false;
  let scheduled = false;

  const schedule = () => {
    if (scheduled) return;
    scheduled = true;
    setImmediate(() => {
      scheduled = false;
      while (busy < lanes && !patient) {
        const calls = take();
        if (calls.length === 0) return;
        void answerNext(calls);
      }
    });
  };

  const answerNext = async (calls: readonly Call<Item, Answer>[]) => {
    busy += 1;
    patient = true;
    const impatience = setTimeout(() => {
      patient = false;
      schedule();
    }, PATIENCE_MS);
    await answer(calls);
    clearTimeout(impatience);
    for (const { item } of calls) underWay.delete(keyOf(item));
    busy -= 1;
    patient = false;
    schedule();
  };

  const take = () => {
    const calls: Call<Item, Answer>[] = [];
    waiting = waiting.filter((call) => {
      const key = keyOf(call.item);
      if (calls.length === most || underWay.has(key)) return true;
      underWay.add(key);
      calls.push(call);
      return false;
    });
    return calls;
  };

  const answer = async (calls: readonly Call<Item, Answer>[], attempt = 1): Promise<void> => {
    try {
      const answers = await answerAll(calls.map(({ item }) => item));
      calls.forEach(({ resolve }, at) => {
        resolve(answers[at] as Answer);
      });
    } catch (error) {
      const isAlone = calls.length === 1;
      if (!isAway(error) && (!isAlone || (isDeadlock(error) && attempt < ATTEMPTS))) {
        await Promise.all(calls.map((call) => answer([call], attempt + 1)));
      } else for (const { reject } of calls) reject(error);
    }
  };

  return (item) =>
    new Promise((resolve, reject) => {
      waiting.push({ item, resolve, reject });
      schedule();
    });
}
