export interface Compared {
  readonly bare_ms: number;
  readonly highwater_ms: number;
  readonly ratio: number;
}

/** Node compiles code while it runs: both warm up for this long together, and for one turn at least. */
const WARM_UP_MS = 10_000;
/** One of 0.3 s would show whether Temporal's garbage collector ran meanwhile. */
const TURN_MS = 2_000;

/** Measures both in turns, so that a slow moment of the machine meets both, after a warm-up. */
export async function inTurns<Measure>(
  rounds: number,
  bare: () => Promise<Measure>,
  highwater: () => Promise<Measure>,
): Promise<{ bare: Measure[]; highwater: Measure[] }> {
  const until = performance.now() + WARM_UP_MS;
  do {
    await bare();
    await highwater();
  } while (performance.now() < until);
  const measured = { bare: [] as Measure[], highwater: [] as Measure[] };
  for (let round = 0; round < rounds; round += 1) {
    measured.bare.push(await bare());
    measured.highwater.push(await highwater());
  }
  return measured;
}

/** Medians of the times of both, in turns. Short work is done again until its turn has lasted two seconds. */
export async function compare(
  rounds: number,
  bare: () => Promise<unknown>,
  highwater: () => Promise<unknown>,
): Promise<Compared> {
  const times = await inTurns(
    rounds,
    () => meanTime(bare),
    () => meanTime(highwater),
  );
  const [bare_ms, highwater_ms] = [quantile(times.bare, 0.5), quantile(times.highwater, 0.5)];
  return {
    bare_ms: round1(bare_ms),
    highwater_ms: round1(highwater_ms),
    ratio: round2(highwater_ms / bare_ms),
  };
}

async function meanTime(work: () => Promise<unknown>): Promise<number> {
  let ms = 0;
  let times = 0;
  for (; ms < TURN_MS; times += 1) ms += await timed(work);
  return ms / times;
}

export async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

/** The value that this share of the values does not pass. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

export const round1 = (value: number) => Math.round(value * 10) / 10;
export const round2 = (value: number) => Math.round(value * 100) / 100;
