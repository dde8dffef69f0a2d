import { benchProject } from './pipelines.ts';
import { processorMs } from './processor-time.ts';
import { inTurns, round1, round2 } from './rounds.ts';
import { startBenchStack, type BenchStack } from './stack.ts';
import { atOnce, runBare, runPipeline } from './works.ts';

/** The same work for both, this many times after a warm-up. */
interface Work {
  readonly rounds: number;
  readonly bare: (bench: BenchStack) => Promise<unknown>;
  readonly highwater: (bench: BenchStack) => Promise<unknown>;
}

const WORKS: Readonly<Record<string, Work>> = {
  chain40: one('chain', 40, 15),
  fan100: one('fan', 100, 25),
  fan1000: one('fan', 1000, 5),
  runs200: {
    rounds: 4,
    bare: (bench) => atOnce(200, () => runBare(bench, 'chain', 3)),
    highwater: (bench) => atOnce(200, () => runPipeline(bench, 'chain3')),
  },
};

function one(workflow: 'chain' | 'fan', size: number, rounds: number): Work {
  return {
    rounds,
    bare: (bench) => runBare(bench, workflow, size),
    highwater: (bench) => runPipeline(bench, `${workflow}${size}`),
  };
}

/** Processor time in ms, by the name of the process. */
type Spent = Readonly<Record<string, number>>;

/** What bare Temporal and Highwater take of the processors for the same work, in turns; means, in ms. */
export async function benchProcessors(say: (line: string) => void) {
  const bench = await startBenchStack(benchProject());
  try {
    const processors_ms: Record<string, ReturnType<typeof compareSpent>> = {};
    for (const [name, work] of Object.entries(WORKS)) {
      processors_ms[name] = await measure(bench, work);
      say(`${name}: ${JSON.stringify(processors_ms[name])}`);
    }
    return { processors_ms };
  } finally {
    await bench.stop();
  }
}

async function measure(bench: BenchStack, { rounds, bare, highwater }: Work) {
  const spent = await inTurns(
    rounds,
    () => spentIn(bench, () => bare(bench)),
    () => spentIn(bench, () => highwater(bench)),
  );
  return compareSpent(meanOf(spent.bare), meanOf(spent.highwater));
}

function compareSpent(bare: Spent, highwater: Spent) {
  const sum = (spent: Spent) => Object.values(spent).reduce((total, ms) => total + ms, 0);
  return { ratio: round2(sum(highwater) / sum(bare)), bare, highwater };
}

async function spentIn(bench: BenchStack, work: () => Promise<unknown>): Promise<Spent> {
  const before = spentSoFar(bench);
  await work();
  const after = Object.entries(spentSoFar(bench));
  return Object.fromEntries(after.map(([name, ms]) => [name, ms - (before[name] ?? 0)]));
}

/** The hosts of a worker and the backends of Postgres count with those that started them. */
function spentSoFar({ stack, bareWorker }: BenchStack): Spent {
  const named = stack.components.map(({ name, process }) => [name, process?.pid] as const);
  const all = [...named, ['bare worker', bareWorker] as const];
  return Object.fromEntries(all.flatMap(([name, pid]) => (pid ? [[name, processorMs(pid)]] : [])));
}

function meanOf(rounds: readonly Spent[]): Spent {
  const names = Object.keys(rounds[0] ?? {});
  const mean = (name: string) =>
    rounds.reduce((sum, spent) => sum + (spent[name] ?? 0), 0) / rounds.length;
  return Object.fromEntries(names.map((name) => [name, round1(mean(name))]));
}
