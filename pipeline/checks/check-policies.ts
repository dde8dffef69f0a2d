import type { PipelineDefinition } from '../definition.ts';
import type { Finding, Path } from '../document.ts';
import { durationMs } from '../duration.ts';
import type { PolicyDefaults } from '../policy.ts';

/** Times that are written beside each other agree. */
export function checkPolicies({ defaults, blocks }: PipelineDefinition): Finding[] {
  return [
    ...checkPolicy(defaults ?? {}, ['defaults']),
    ...Object.entries(blocks).flatMap(([name, block]) =>
      checkPolicy(block.kind === 'sensor' ? { retry: block.retry } : block, ['blocks', name]),
    ),
  ];
}

export function checkPolicy({ retry, timeout, deadline }: PolicyDefaults, path: Path): Finding[] {
  const findings: Finding[] = [];
  if (timeout && deadline && durationMs(deadline) < durationMs(timeout)) {
    const message = `the deadline of all attempts is shorter than the timeout of one (${timeout})`;
    findings.push({ path: [...path, 'deadline'], code: 'policy.invalid', message });
  }
  const { initial_interval: first, max_interval: longest } = retry ?? {};
  if (first && longest && durationMs(longest) < durationMs(first)) {
    const message = `"max_interval" is shorter than initial_interval (${first})`;
    findings.push({ path: [...path, 'retry', 'max_interval'], code: 'policy.invalid', message });
  }
  return findings;
}
