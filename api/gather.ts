import { isAway } from '../db/away.ts';

/** How calls are answered together. */
export interface Gathering<Item> {
  /** How many at most. */
  readonly most: number;
  /** How many groups may be under way, when those before take longer than usual. */
  readonly lanes: number;
  /** Two calls with the same key never come together. */
  readonly keyOf?: (item: Item) => unknown;
}

interface Call<Item, Answer> {
  readonly item: Item;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
}

/** A group that takes longer than this does not hold up the next one. */
const PATIENCE_MS = 25;

/**
 * Answers together what is asked while others are being answered: a lone call goes at once, and under load
 * many calls share one transaction. When a group is refused each of its calls is tried alone, so that none
 * fails for another's sake.
 */
export function gather<Item, Answer>(
  answerAll: (items: readonly Item[]) => Promise<readonly Answer[]>,
  { most, lanes, keyOf = (item) => item }: Gathering<Item>,
): (item: Item) => Promise<Answer> {
  let waiting: Call<Item, Answer>[] = [];
  let busy = 0;
  let patient = false;
  let scheduled = false;

  const schedule = () => {
    if (scheduled) return;
    scheduled = true;
    setImmediate(() => {
      scheduled = false;
      while (waiting.length > 0 && busy < lanes && !patient) void answerNext();
    });
  };

  const answerNext = async () => {
    const calls = take();
    busy += 1;
    patient = true;
    const impatience = setTimeout(() => {
      patient = false;
      schedule();
    }, PATIENCE_MS);
    await answer(calls);
    clearTimeout(impatience);
    busy -= 1;
    patient = false;
    schedule();
  };

  const take = () => {
    const keys = new Set<unknown>();
    const calls = waiting.filter(({ item }) => {
      const isFree = keys.size < most && !keys.has(keyOf(item));
      if (isFree) keys.add(keyOf(item));
      return isFree;
    });
    const taken = new Set(calls);
    waiting = waiting.filter((call) => !taken.has(call));
    return calls;
  };

  const answer = async (calls: readonly Call<Item, Answer>[]) => {
    try {
      const answers = await answerAll(calls.map(({ item }) => item));
      calls.forEach(({ resolve }, at) => {
        resolve(answers[at] as Answer);
      });
    } catch (error) {
      if (calls.length > 1 && !isAway(error))
        await Promise.all(calls.map((call) => answer([call])));
      else for (const { reject } of calls) reject(error);
    }
  };

  return (item) =>
    new Promise((resolve, reject) => {
      waiting.push({ item, resolve, reject });
      schedule();
    });
}
