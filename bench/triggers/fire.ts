import { setTimeout as delay } from 'node:timers/promises';
import type { Run } from '../../api/contract/run.ts';
import type { TriggerToken } from '../../api/contract/trigger-token.ts';
import { quantile } from '../rounds.ts';
import { startBenchStack } from '../stack.ts';

const PER_SECOND = 20;
const SECONDS = 15;
const WARM_UP = 10;

const FILES = {
  'highwater.yaml': 'name: fired\n',
  'pipelines/fired.yaml': `
params: { number: { type: integer } }
triggers: { asked: { api: { rate_limit: 1000/s } } }
blocks: { one: { kind: loader, file: one.sql } }
`,
  'blocks/one.sql': 'select 1 as one\n',
};

/** From `POST fire` to the start of the first block, in ms, at 20 a second; both clocks are this machine's. */
export async function benchFire(say: (line: string) => void) {
  const bench = await startBenchStack(FILES, { bare: false });
  try {
    const fire = await createFire(bench.stack.api);
    for (let number = 0; number < WARM_UP; number += 1) await fire(-number);
    const began = Date.now();
    const fired: Promise<number>[] = [];
    for (let number = 0; number < PER_SECOND * SECONDS; number += 1) {
      await delay(Math.max(0, began + (number * 1000) / PER_SECOND - Date.now()));
      fired.push(fire(number));
    }
    const times = await Promise.all(fired);
    const fire_to_first_block_ms = { p50: quantile(times, 0.5), p99: quantile(times, 0.99) };
    say(`fire to first block at ${PER_SECOND}/s: ${JSON.stringify(fire_to_first_block_ms)}`);
    return { fire_to_first_block_ms };
  } finally {
    await bench.stop();
  }
}

/** Fires once; answers the milliseconds until the first block started. */
async function createFire(api: string): Promise<(number: number) => Promise<number>> {
  const path = `${api}/api/triggers/fired/asked`;
  const json = { 'content-type': 'application/json' };
  const token = await createToken(`${path}/token`, json);
  return async (number) => {
    const asked = Date.now();
    const response = await fetch(`${path}/fire?wait=60s`, {
      method: 'POST',
      headers: { ...json, authorization: `Bearer ${token}` },
      body: JSON.stringify({ number }),
    });
    const run = (await response.json()) as Run;
    if (run.state !== 'succeeded') throw new Error(JSON.stringify(run).slice(0, 500));
    return Date.parse(run.blocks[0]?.history[0]?.started_at ?? '') - asked;
  };
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
