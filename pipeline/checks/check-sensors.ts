import type { SensorBlock } from '../block.ts';
import { blocksOf, type Check, type Draft, type World } from '../check.ts';
import { didYouMean } from '../did-you-mean.ts';
import type { Finding } from '../document.ts';
import { durationMs } from '../duration.ts';
import type { Until } from '../sensor.ts';

/** What each sensor waits for can come to be, and its times agree. */
export const checkSensors: Check = (draft, world) =>
  blocksOf(draft).flatMap(([name, block]) => {
    if (block.kind !== 'sensor') return [];
    return [...work(block), ...times(block), ...until(draft, world, block.until)].map(
      (finding) => ({
        ...finding,
        path: ['blocks', name, ...finding.path],
      }),
    );
  });

function work({ file, inputs, until }: SensorBlock): Finding[] {
  if (until === undefined) return [];
  const findings: Finding[] = [];
  if (file !== undefined) {
    const message = 'write either "file" or "until", not both';
    findings.push({ path: ['file'], at: 'key', code: 'block.too_much_work', message });
  }
  if (inputs !== undefined && !('query' in until)) {
    const message = 'only code and a query read other blocks: use after to wait for one';
    findings.push({ path: ['inputs'], at: 'key', code: 'key.misplaced', message });
  }
  return findings;
}

function times({ interval, max_interval, timeout }: SensorBlock): Finding[] {
  const findings: Finding[] = [];
  if (interval && max_interval && durationMs(max_interval) < durationMs(interval)) {
    const message = `"max_interval" is shorter than interval (${interval})`;
    findings.push({ path: ['max_interval'], code: 'policy.invalid', message });
  }
  if (interval && timeout && durationMs(timeout) < durationMs(interval)) {
    const message = `"timeout" is shorter than interval (${interval})`;
    findings.push({ path: ['timeout'], code: 'policy.invalid', message });
  }
  return findings;
}

function until(draft: Draft, { pipelines }: World, its: Until | undefined): Finding[] {
  if (!its || !('pipeline' in its)) return [];
  const { pipeline: name } = its;
  const path = ['until', 'pipeline'];
  if (name === draft.name) {
    const message = 'a run of this pipeline would wait for itself';
    return [{ path, code: 'pipeline.recursion', message }];
  }
  if (pipelines.has(name)) return [];
  const message = `there is no pipeline "${name}"${didYouMean(name, pipelines.keys())}`;
  return [{ path, code: 'pipeline.unknown', message }];
}
