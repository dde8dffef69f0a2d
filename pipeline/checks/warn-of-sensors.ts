import type { BlockDefinition } from '../block.ts';
import { blocksOf, type Draft } from '../check.ts';
import type { PipelineDefinition } from '../definition.ts';
import type { Finding } from '../document.ts';

/** The pipelines for whose success its runs wait, by sensors, to succeed themselves. */
export function waitedForBy({ blocks }: PipelineDefinition): string[] {
  return Object.values(blocks).flatMap((block) => waitedFor(block) ?? []);
}

/** Sensors of a pipeline that belong to circles in which pipelines wait for each other. */
export function warnOfSensors(draft: Draft, circles: readonly (readonly string[])[]): Finding[] {
  const circle = circles.find((names) => names.includes(draft.name));
  if (!circle) return [];
  const order = [...circle, circle[0]].join(' → ');
  const message = `no run of these pipelines can succeed before one of the next has: ${order}`;
  return blocksOf(draft).flatMap(([name, block]) => {
    const other = waitedFor(block);
    if (other === undefined || !circle.includes(other)) return [];
    return [{ path: ['blocks', name, 'until', 'pipeline'], code: 'sensor.circle', message }];
  });
}

function waitedFor(block: BlockDefinition): string | undefined {
  if (block.kind !== 'sensor' || block.soft_fail === true) return undefined;
  return block.until && 'pipeline' in block.until ? block.until.pipeline : undefined;
}
