import { typescript } from '../support/project.ts';

/** Pipelines that each show one thing the interpreter does. */
export const FILES: Record<string, string> = {
  'blocks/one.ts': typescript('return 1;'),
  'blocks/plus_one.ts': typescript(
    'return Object.values(inputs).reduce((sum, input) => sum + Number(input.value), 0) + 1;',
  ),
  'blocks/fail.ts': typescript("throw new Error('this block always fails');"),
  'blocks/sleep.ts': typescript('await sleep(60_000, undefined, { signal });'),
  'blocks/spin.ts': typescript('for (;;);'),
  'blocks/slow_one.ts': typescript('await sleep(200); return 1;'),
  'blocks/params.ts': typescript('return params;'),
  'blocks/meet.ts': typescript(`
    const other = run.block === 'left' ? 'right' : 'left';
    writeFileSync(String(params.folder) + '/' + run.block, '');
    while (!existsSync(String(params.folder) + '/' + other)) await sleep(10);
    return run.block;`),
  'blocks/third_time.ts': typescript(`
    log.info('trying', { attempt: run.attempt });
    if (run.attempt < 3) throw new Error('not yet');
    return run.attempt;`),
  'blocks/stubborn.ts': typescript(`
    const deaf = "trap '' TERM; echo $$ > '" + String(params.folder) + "/child'; while :; do sleep 1; done";
    spawn('sh', ['-c', deaf], { stdio: 'ignore' });
    await sleep(60_000);`),
  'blocks/talk.ts': typescript(`
    console.log('plain print');
    log.warn('a warning', { rows: 3 });
    process.stderr.write('to stderr\\n');
    return 1;`),

  'blocks/long_text.sql': "select repeat('x', 51) as mark\n",
  'blocks/nul.ts': typescript("throw new Error('a \\0 in what it says');"),
  'pipelines/long_watermark.yaml': `watermark: { block: marks, column: mark }
blocks:
  marks: { kind: loader, file: long_text.sql }
`,
  'pipelines/nul.yaml': `defaults: { retry: { attempts: 1 } }
blocks:
  bad: { kind: custom, file: nul.ts }
`,

  'pipelines/chain.yaml': `blocks:
  a: { kind: loader, file: one.ts }
  b: { kind: transformer, file: plus_one.ts, inputs: [a] }
  c: { kind: transformer, file: plus_one.ts, inputs: [b] }
`,
  'pipelines/parallel.yaml': `params: { folder: { type: string } }
blocks:
  left: { kind: loader, file: meet.ts }
  right: { kind: loader, file: meet.ts }
`,
  'pipelines/retried.yaml': `defaults: { retry: { attempts: 3, initial_interval: 50ms } }
blocks:
  wobbly: { kind: custom, file: third_time.ts }
`,
  'pipelines/failing.yaml': `defaults: { retry: { attempts: 1 } }
blocks:
  bad: { kind: custom, file: fail.ts }
  below: { kind: custom, file: one.ts, after: [bad] }
  beside: { kind: custom, file: sleep.ts }
`,
  'pipelines/tolerant.yaml': `defaults: { retry: { attempts: 1 } }
blocks:
  bad: { kind: custom, file: fail.ts, on_failure: continue }
  below: { kind: custom, file: one.ts, after: [bad] }
  beside: { kind: custom, file: slow_one.ts }
  end: { kind: custom, file: one.ts, after: [beside] }
`,
  'pipelines/overdue.yaml': `blocks:
  stuck: { kind: custom, file: spin.ts, timeout: 500ms, retry: { attempts: 2, initial_interval: 50ms } }
`,
  'pipelines/late.yaml': `blocks:
  stuck: { kind: custom, file: sleep.ts, deadline: 1s, timeout: 1s, retry: { attempts: 5, initial_interval: 10ms } }
`,
  'pipelines/stubborn.yaml': `params: { folder: { type: string } }
blocks:
  deaf: { kind: custom, file: stubborn.ts }
  after: { kind: custom, file: one.ts, after: [deaf] }
`,
  'pipelines/talkative.yaml': `blocks:
  talk: { kind: custom, file: talk.ts }
`,
  'pipelines/level_1.yaml': `params: { city: { type: string, default: Berlin } }
blocks:
  start: { kind: custom, file: one.ts }
  down: { kind: pipeline, pipeline: level_2, after: [start], params: { city: '\${{ params.city }}', size: '\${{ blocks.start.value }}' } }
`,
  'pipelines/level_2.yaml': `params: { city: { type: string }, size: { type: integer } }
blocks:
  down: { kind: pipeline, pipeline: level_3, params: { text: '\${{ params.city }} \${{ params.size }}' } }
`,
  'pipelines/level_3.yaml': `params: { text: { type: string } }
blocks:
  down: { kind: pipeline, pipeline: level_4, params: { text: '\${{ params.text }}!' } }
`,
  'pipelines/level_4.yaml': `params: { text: { type: string } }
blocks:
  show: { kind: custom, file: params.ts }
`,
  'pipelines/sleeping_child.yaml': `blocks:
  child: { kind: pipeline, pipeline: sleeper }
`,
  'pipelines/sleeper.yaml': `blocks:
  nap: { kind: custom, file: sleep.ts }
`,
  'pipelines/failing_child.yaml': `blocks:
  child: { kind: pipeline, pipeline: failing }
  below: { kind: custom, file: one.ts, after: [child] }
`,
  'pipelines/long.yaml': longPipeline(2_000, 20),
};

/** Layers of `width` blocks; each block waits for one of the layer above, the last for all of its layer. */
function longPipeline(count: number, width: number): string {
  const lines = ['blocks:'];
  for (let place = 0; place < count; place += 1) {
    const above = place - width;
    const inputs = above < 0 ? '' : `, inputs: [b${above}]`;
    const [kind, file] = above < 0 ? ['loader', 'one.ts'] : ['transformer', 'plus_one.ts'];
    lines.push(`  b${place}: { kind: ${kind}, file: ${file}${inputs} }`);
  }
  return `${lines.join('\n')}\n`;
}
