import { FILES as CHAOS } from '../chaos/files.ts';
import { typescript } from '../support/project.ts';

const RETRY = 'defaults: { retry: { attempts: 10, initial_interval: 100ms } }';
const delivery = CHAOS['pipelines/delivery.yaml'] ?? '';

/** What each pipeline of the soak must end as, whatever is killed meanwhile. */
export const ENDS = {
  delivery: 'succeeded',
  chain: 'succeeded',
  wobbly: 'succeeded',
  failing: 'failed',
  cancelled: 'cancelled',
  terminated: 'terminated',
} as const;
export type Soaked = keyof typeof ENDS;

const SLEEPING = 'blocks:\n  child: { kind: pipeline, pipeline: sleeper }\n';

export const FILES: Readonly<Record<string, string>> = {
  ...CHAOS,
  'highwater.yaml': `name: soak
${RETRY}
connections:
  warehouse: { type: postgres, url: '\${{ env.WAREHOUSE_URL }}' }
`,
  'pipelines/delivery.yaml': delivery.replace(/^defaults.*\n/, ''),
  'blocks/one.ts': typescript('return 1;'),
  'blocks/wobbly.ts': typescript(`
    console.log('x'.repeat(2_000));
    if (run.attempt < 3) throw new Error('not yet');
    return run.attempt;`),
  'blocks/fail.ts': typescript("throw new Error('this block always fails');"),
  'blocks/sleep.ts': typescript('await sleep(3_600_000, undefined, { signal });'),
  'pipelines/chain.yaml': `blocks:\n${Array.from({ length: 10 }, (_, at) => chained(at)).join('')}`,
  'pipelines/wobbly.yaml': 'blocks:\n  wobbly: { kind: custom, file: wobbly.ts }\n',
  'pipelines/failing.yaml': `blocks:
  bad: { kind: custom, file: fail.ts, retry: { attempts: 2 } }
  below: { kind: custom, file: one.ts, after: [bad] }
`,
  'pipelines/sleeper.yaml':
    'defaults: { timeout: 2h, deadline: 3h }\nblocks:\n  nap: { kind: custom, file: sleep.ts }\n',
  'pipelines/cancelled.yaml': SLEEPING,
  'pipelines/terminated.yaml': SLEEPING,
};

function chained(at: number): string {
  return `  b${at}: { kind: custom, file: one.ts${at > 0 ? `, after: [b${at - 1}]` : ''} }\n`;
}
