import { setTimeout as delay } from 'node:timers/promises';
import type { Run } from '../../api/contract/run.ts';
import type { TriggerToken } from '../../api/contract/trigger-token.ts';
import { quantile } from '../rounds.ts';
import { startBenchStack } from '../stack.ts';

/** A machine that the faster rate overloads shows its latency at the slower one. */
const [SLOWER, PER_SECOND] = [12, 20];
const SECONDS = 15;
/** Hosts start, and code is compiled, while they have work. */
const WARM_UP_SECONDS = 10;

const FILES = {
  'highwater.yaml': 'name: fired\n',
  'pipelines/fired.yaml': `
params: { number: { type: integer } }
triggers: { asked: { api: { rate_limit: 1000/s } } }
blocks: { one: { kind: custom, file: one.ts } }
`,
  'blocks/one.ts': `import { block } from 'highwater';\n\nexport default block(() => 1);\n`,
};

/** From `POST fire` to the start of the first block, in ms, at two rates; both clocks are this machine's. */
export async function benchFire(say: (line: string) => void) {
  const bench = await startBenchStack(FILES, { bare: false });
  try {
    const { api } = bench.stack;
    const fire = await createFire(api);
    const measure = async (perSecond: number) => {
      const times = await fireFor({ seconds: SECONDS, perSecond }, api, fire);
      const quantiles = { p50: quantile(times, 0.5), p99: quantile(times, 0.99) };
      say(`fire to first block at ${perSecond}/s: ${JSON.stringify(quantiles)}`);
      return quantiles;
    };
    await fireFor({ seconds: WARM_UP_SECONDS, perSecond: SLOWER }, api, fire);
    const fire_slower_to_first_block_ms = await measure(SLOWER);
    return { fire_slower_to_first_block_ms, fire_to_first_block_ms: await measure(PER_SECOND) };
  } finally {
    await bench.stop();
  }
}

/** How long after each was asked for its first block started; answers when the last has ended. */
async function fireFor(
  { seconds, perSecond }: { readonly seconds: number; readonly perSecond: number },
  api: string,
  fire: (number: number) => Promise<Fired>,
): Promise<number[]> {
  const began = Date.now();
  const fired: Promise<Fired>[] = [];
  for (let number = 0; number < perSecond * seconds; number += 1) {
    await delay(Math.max(0, began + (number * 1000) / perSecond - Date.now()));
    fired.push(fire(number));
  }
  const times: number[] = [];
  for (const one of await Promise.all(fired)) times.push(await startOf(api, one));
  return times;
}

interface Fired {
  readonly run: number;
  readonly askedMs: number;
}

async function createFire(api: string): Promise<(number: number) => Promise<Fired>> {
  const path = `${api}/api/triggers/fired/asked`;
  const json = { 'content-type': 'application/json' };
  const token = await createToken(`${path}/token`, json);
  return async (number) => {
    const askedMs = Date.now();
    const response = await fetch(`${path}/fire`, {
      method: 'POST',
      headers: { ...json, authorization: `Bearer ${token}` },
      body: JSON.stringify({ number }),
    });
    const { id } = (await response.json()) as Run;
    if (response.status !== 202) throw new Error(`Fire ${number} was answered ${response.status}`);
    return { run: id, askedMs };
  };
}

/** How many milliseconds after it was asked for the first block of a run started. */
async function startOf(api: string, { run, askedMs }: Fired): Promise<number> {
  const response = await fetch(`${api}/api/runs/${run}?wait=60s`);
  const { state, blocks } = (await response.json()) as Run;
  if (state !== 'succeeded') throw new Error(`Run ${run} ${state}`);
  return Date.parse(blocks[0]?.history[0]?.started_at ?? '') - askedMs;
}

/** Waits for the trigger: it is registered soon after the API answers. */
async function createToken(url: string, headers: Record<string, string>): Promise<string> {
  for (;;) {
    const made = await fetch(url, { method: 'POST', headers, body: '{"actor":"bench"}' });
    if (made.ok) return ((await made.json()) as TriggerToken).token;
    if (made.status !== 404) throw new Error(`No token: ${made.status}`);
    await delay(100);
  }
}
