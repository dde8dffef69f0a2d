import { benchProject } from './pipelines.ts';
import { compare, quantile, round1, round2 } from './rounds.ts';
import { startBenchStack, type BenchStack } from './stack.ts';
import { atOnce, runBare, runPipeline } from './works.ts';

const ROUNDS = 5;
const RUNS = 200;
const STARTS = 50;

/** Highwater against the same work as plain Temporal workflows, on one server, in turns. */
export async function benchEngine(say: (line: string) => void) {
  const bench = await startBenchStack(benchProject());
  try {
    const chain40 = await compare(
      ROUNDS,
      () => runBare(bench, 'chain', 40),
      () => runPipeline(bench, 'chain40'),
    );
    say(`chain of 40: ${JSON.stringify(chain40)}`);
    const fan100 = await compare(
      ROUNDS,
      () => runBare(bench, 'fan', 100),
      () => runPipeline(bench, 'fan100'),
    );
    say(`1 → 100 → 1: ${JSON.stringify(fan100)}`);
    const fan1000 = await compare(
      ROUNDS,
      () => runBare(bench, 'fan', 1000),
      () => runPipeline(bench, 'fan1000'),
    );
    say(`1 → 1,000 → 1: ${JSON.stringify(fan1000)}`);
    const throughput = await compareThroughput(bench);
    say(`${RUNS} runs of 3: ${JSON.stringify(throughput)}`);
    const first_block_ms = await firstBlock(bench);
    say(`POST to first block: ${JSON.stringify(first_block_ms)}`);
    return { chain40, fan100, fan1000, throughput, first_block_ms };
  } finally {
    await bench.stop();
  }
}

async function compareThroughput(bench: BenchStack) {
  const { bare_ms, highwater_ms } = await compare(
    ROUNDS,
    () => atOnce(RUNS, () => runBare(bench, 'chain', 3)),
    () => atOnce(RUNS, () => runPipeline(bench, 'chain3')),
  );
  const perSecond = (ms: number) => round1((RUNS / ms) * 1000);
  return {
    bare_runs_per_s: perSecond(bare_ms),
    highwater_runs_per_s: perSecond(highwater_ms),
    ratio: round2(bare_ms / highwater_ms),
  };
}

/** From the request to the start of the first block, in ms; both clocks are this machine's. */
async function firstBlock(bench: BenchStack) {
  const times: number[] = [];
  for (let count = 0; count < STARTS; count += 1) {
    const asked = Date.now();
    const { blocks } = await runPipeline(bench, 'chain3');
    times.push(Date.parse(blocks[0]?.history[0]?.started_at ?? '') - asked);
  }
  return { p50: quantile(times, 0.5), p99: quantile(times, 0.99) };
}
