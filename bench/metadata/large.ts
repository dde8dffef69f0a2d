import { openDb } from '../../db/database.ts';
import { sumDays } from '../../db/daily-report/sums.ts';
import { createLog } from '../../runtime/log.ts';
import { quantile, round1, timed } from '../rounds.ts';
import { startBenchStack } from '../stack.ts';
import { benchAnomalies } from './anomalies.ts';
import { benchCleanUp } from './clean-up.ts';
import { LARGE, startHistory, type History, type HistorySize } from './history.ts';

const ROUNDS = 60;

/** A long history: questions that people ask of it through the API of a local stack, and checks of its runs. */
export async function benchLarge(say: (line: string) => void, size: HistorySize = LARGE) {
  const history = await startHistory(say, size);
  try {
    const asked = await askStack(history, say);
    // The API checks what is queued too: it has to be gone.
    return { history_s: history.seconds, ...asked, ...(await benchAnomalies(history, say)) };
  } finally {
    await history.stop();
  }
}

async function askStack(history: History, say: (line: string) => void) {
  const bench = await startBenchStack(
    { 'highwater.yaml': 'name: bench\n' },
    { bare: false, env: { DATABASE_URL: history.url } },
  );
  try {
    const first_sums_s = round1((await timed(() => sumUp(history))) / 1000);
    say(`first sums of all days: ${first_sums_s} s`);
    const questions_ms = await askAll(bench.stack.api, history, say);
    const clean_up = await benchCleanUp(bench.stack.api, history, say);
    return { first_sums_s, questions_ms, clean_up };
  } finally {
    await bench.stop();
  }
}

async function sumUp({ url }: History): Promise<void> {
  const db = openDb(url, createLog('bench', 'warn'), 1);
  await sumDays(db).finally(() => db.destroy());
}

type Ask = (pick: (most: number) => number) => string;

/** Paths, with a number or a name that changes each time. */
const QUESTIONS: Readonly<Record<string, (size: HistorySize) => Ask>> = {
  'run list': () => () => '/api/runs',
  'run list of a pipeline': (size) => (pick) => `/api/runs?pipeline=${pipeline(pick, size)}`,
  'run list of a state': () => () => '/api/runs?state=failed',
  'run list of a state that is rare': () => () => '/api/runs?state=running,queued',
  'run list of a state that nothing is in': () => () => '/api/runs?state=cancelled',
  'run list of a pipeline and a state': (size) => (pick) =>
    `/api/runs?pipeline=${pipeline(pick, size)}&state=failed,timed_out`,
  'freshness board': () => () => '/api/freshness',
  'timeliness board': () => () => '/api/timeliness',
  'daily report': () => () => '/reporting/daily-pipeline-metrics',
  'daily report, any page': (size) => (pick) =>
    `/reporting/daily-pipeline-metrics?page=${1 + pick((size.pipelines * 31) / 50)}`,
  'daily report of a pipeline': (size) => (pick) =>
    `/reporting/daily-pipeline-metrics?pipeline_name=${pipeline(pick, size)}`,
  'daily report of 100 days': () => () => '/api/reports/daily?days=100',
  'names in the daily report': () => () => '/reporting/pipeline-names',
  'children of an execution': (size) => (pick) =>
    `/pipeline_execution/${10 * pick(size.executions / 10) + 1}`,
  'a run with its children': (size) => (pick) => `/api/runs/${10 * pick(size.executions / 10) + 1}`,
  anomalies: () => () => '/api/anomalies',
};

function pipeline(pick: (most: number) => number, { pipelines }: HistorySize): string {
  return `pipeline_${String(1 + pick(pipelines)).padStart(4, '0')}`;
}

async function askAll(api: string, { size }: History, say: (line: string) => void) {
  const figures: Record<string, { p50: number; p95: number }> = {};
  for (const [name, question] of Object.entries(QUESTIONS)) {
    const ask = question(size);
    await askOne(api, ask);
    const times: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) times.push(await timed(() => askOne(api, ask)));
    const figure = { p50: round1(quantile(times, 0.5)), p95: round1(quantile(times, 0.95)) };
    say(`${name}: ${JSON.stringify(figure)} ms`);
    figures[name] = figure;
  }
  return figures;
}

async function askOne(api: string, ask: Ask): Promise<void> {
  const path = ask((most) => Math.floor(Math.random() * Math.max(1, Math.floor(most))));
  const response = await fetch(api + path);
  const body = await response.text();
  if (!response.ok) throw new Error(`${path} answered ${response.status}: ${body.slice(0, 200)}`);
}
