import type { EndedRun, Flags, Judged } from './batch.ts';
import { isOdd, type Odd } from './judge.ts';
import { METRICS, type Metric } from './rule.ts';

export interface Finding extends Judged {
  readonly verdict: Odd;
}

/** What a check has to say about one run. */
export interface Outcome {
  readonly run: EndedRun;
  readonly findings: readonly Finding[];
  readonly flags: Flags;
  readonly changed: boolean;
  /** A metric is odd that was not found odd before. */
  readonly isNews: boolean;
  /** It was odd before this check, and is not any more. */
  readonly isCleared: boolean;
}

/** The outcome of each run; one that no rule was compared with has no findings. */
export function outcomesOf(runs: readonly EndedRun[], judged: readonly Judged[]): Outcome[] {
  const findings = judged.filter((one): one is Finding => isOdd(one.verdict));
  const byRun = new Map<number, Finding[]>(runs.map(({ id }) => [id, []]));
  for (const finding of findings) byRun.get(finding.run.id)?.push(finding);
  return runs.map((run) => outcomeOf(run, byRun.get(run.id) ?? []));
}

function outcomeOf(run: EndedRun, findings: readonly Finding[]): Outcome {
  const odd = new Set(findings.map(({ rule }) => rule.metric));
  const was = METRICS.filter((metric) => run.flags[metric] === true);
  const takenBack = METRICS.filter((metric) => run.flags[metric] === false);
  const isNews = [...odd].some((metric) => !was.includes(metric));
  const flags = { ...flagged(takenBack, false), ...flagged(odd, true) };
  const changed = isNews || was.some((metric) => !odd.has(metric));
  return { run, findings, flags, changed, isNews, isCleared: was.length > 0 && odd.size === 0 };
}

function flagged(metrics: Iterable<Metric>, value: boolean): Flags {
  return Object.fromEntries([...metrics].map((metric) => [metric, value]));
}
