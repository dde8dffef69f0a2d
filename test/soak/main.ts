import { rm } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { findProcesses, hostsOf } from '../support/leftovers.ts';
import { findFailures } from './find-failures.ts';
import { load } from './load.ts';
import { startSoakStack, type SoakStack } from './soak-stack.ts';
import { makeTrouble } from './trouble.ts';
import { measure } from './usage.ts';

/** Hosts are kept for a minute; by then only what leaked is left. */
const IDLE_MS = 65_000;
const CALM_PART = 1 / 3;
/** Heaps grow until they hold what many runs leave behind. */
const WARM_UP_MS = 120_000;

const { values } = parseArgs({ options: { minutes: { type: 'string', default: '30' } } });
const minutes = Number(values.minutes);
if (!(minutes > 0)) throw new Error('--minutes takes a number of minutes, such as --minutes 5');

const say = (line: string) => process.stdout.write(`${line}\n`);
const stack = await startSoakStack();
const failures = await soak(stack).catch((error: unknown) => [String(error)]);
await stack.stop();
const left = await findProcesses(stack.home, []);
failures.push(...left.map((line) => `left behind: ${line}`));
await rm(stack.home, { recursive: true });
for (const failure of failures) say(`FAILED ${failure}`);
say(failures.length === 0 ? 'The soak passed' : `The soak failed: ${failures.length} findings`);
process.exitCode = failures.length === 0 ? 0 : 1;

async function soak(on: SoakStack): Promise<string[]> {
  const ms = Math.round(minutes * 60_000);
  say(`warming up, then ${minutes} minutes of runs and kills`);
  await load(on, AbortSignal.timeout(WARM_UP_MS));
  await wait(IDLE_MS);
  const before = await measure(on);

  const until = AbortSignal.timeout(ms);
  const calm = AbortSignal.timeout(Math.round(ms * (1 - CALM_PART)));
  const [accepted, kills] = await Promise.all([load(on, until), makeTrouble(on, calm, until)]);
  await wait(IDLE_MS);
  const after = await measure(on);

  say(`${accepted.length} runs; killed ${JSON.stringify(kills)}`);
  for (const [name, was] of Object.entries(before)) {
    const is = after[name];
    say(`${name}: ${was.rssMib} -> ${is?.rssMib} MiB, ${was.files} -> ${is?.files} open files`);
  }
  const { supervisor, api, worker } = await on.pids();
  say(`idle hosts: ${(await hostsOf(on.home, worker)).length}`);
  return findFailures({ stack: on, accepted, before, after, own: [supervisor, api, worker] });
}
