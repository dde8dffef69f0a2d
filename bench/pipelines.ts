/** The files of a project whose pipelines do the same work as `bare/workflows.ts`. */
export function benchProject(): Record<string, string> {
  return {
    'highwater.yaml': 'name: bench\n',
    'blocks/one.ts': block('() => 1'),
    'blocks/plus_one.ts': block('({ inputs }) => Number(inputs.n.value) + 1'),
    'blocks/sum.ts': block(
      '({ inputs }) => Object.values(inputs).reduce((sum, { value }) => sum + Number(value), 1)',
    ),
    'pipelines/chain40.yaml': chain(40),
    'pipelines/chain3.yaml': chain(3),
    'pipelines/fan100.yaml': fan(100),
    'pipelines/fan1000.yaml': fan(1000),
  };
}

function block(code: string): string {
  return `import { block } from 'highwater';\n\nexport default block(${code});\n`;
}

function chain(length: number): string {
  const blocks = ['  b0: { kind: custom, file: one.ts }'];
  for (let place = 1; place < length; place += 1) {
    blocks.push(`  b${place}: { kind: custom, file: plus_one.ts, inputs: { n: b${place - 1} } }`);
  }
  return `blocks:\n${blocks.join('\n')}\n`;
}

function fan(width: number): string {
  const names = Array.from({ length: width }, (_, place) => `b${place}`);
  return [
    'blocks:',
    '  first: { kind: custom, file: one.ts }',
    ...names.map((name) => `  ${name}: { kind: custom, file: plus_one.ts, inputs: { n: first } }`),
    `  last: { kind: custom, file: sum.ts, inputs: [${names.join(', ')}] }`,
    '',
  ].join('\n');
}
