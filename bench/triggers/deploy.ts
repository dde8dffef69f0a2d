import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Deployment } from '../../api/contract/trigger.ts';
import { quantile, timed } from '../rounds.ts';
import { startBenchStack, type BenchStack } from '../stack.ts';

const PIPELINES = 100;
const SCHEDULES = 10;
const ROUNDS = 5;

/** 1,000 schedules of 100 pipelines: the first deployment, and the same again when nothing has changed. */
export async function benchDeploy(say: (line: string) => void) {
  const bench = await startBenchStack(
    { 'highwater.yaml': 'name: bench\n', 'blocks/one.sql': 'select 1 as i\n' },
    { bare: false },
  );
  try {
    await mkdir(join(bench.project, 'pipelines'), { recursive: true });
    for (let number = 0; number < PIPELINES; number += 1) {
      await writeFile(join(bench.project, 'pipelines', `p${number}.yaml`), pipeline());
    }
    const first_ms = await timed(() => deploy(bench));
    await expectAll(bench);
    const unchanged: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      unchanged.push(await timed(() => deploy(bench)));
    }
    const deploy_1000 = { first_ms, unchanged_ms: quantile(unchanged, 0.5) };
    say(`${PIPELINES * SCHEDULES} schedules: ${JSON.stringify(deploy_1000)}`);
    return { deploy_1000 };
  } finally {
    await bench.stop();
  }
}

/** Once a year, so that none fires meanwhile. */
function pipeline(): string {
  const triggers = Array.from(
    { length: SCHEDULES },
    (_, number) => `  t${number}: { schedule: { cron: '${number} 0 1 1 *' } }\n`,
  );
  return `blocks: { one: { kind: loader, file: one.sql } }\ntriggers:\n${triggers.join('')}`;
}

async function deploy({ stack }: BenchStack): Promise<void> {
  const response = await fetch(new URL('/api/deployments', stack.api), { method: 'POST' });
  if (!response.ok) throw new Error(await response.text());
  Deployment.parse(await response.json());
}

async function expectAll({ temporal }: BenchStack): Promise<void> {
  let found = 0;
  for await (const { scheduleId } of temporal.schedule.list({ pageSize: 1_000 })) {
    if (/^highwater\/.*\/p\d+\/t\d+$/.test(scheduleId)) found += 1;
  }
  if (found !== PIPELINES * SCHEDULES) throw new Error(`Temporal has ${found} schedules`);
}
