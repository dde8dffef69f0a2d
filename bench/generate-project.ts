import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Writes a project of many pipelines of twenty blocks each; every block has a file of its own. */
export function generateProject(dir: string, pipelines: number): void {
  write(dir, 'highwater.yaml', PROJECT);
  for (let index = 0; index < pipelines; index++) {
    const name = `pipeline_${index}`;
    write(dir, `pipelines/${name}.yaml`, pipelineText(name, index));
    for (let block = 0; block < 16; block++) {
      write(dir, `blocks/${name}/${fileOf(block)}`, codeOf(block));
    }
  }
}

const PROJECT = `name: generated
connections:
  warehouse: { type: postgres, url: '\${{ env.WAREHOUSE_URL }}' }
`;

function pipelineText(name: string, index: number): string {
  const code = Array.from({ length: 16 }, (_, block) => codeBlock(name, block));
  const child = index === 0 ? `kind: custom, file: ${name}/sql_0.sql` : childText(index);
  return `description: The pipeline number ${index}
type: generated
tags: [generated, many]
params:
  month: { type: string, pattern: '^\\d{4}-\\d{2}$', default: '2001-01' }
watermark: { block: block_0, column: day }
defaults: { retry: { attempts: 5, initial_interval: 2s }, timeout: 10m }
blocks:
${code.join('\n')}
  orders: { kind: loader, from: { connection: warehouse, table: shop.orders } }
  rows: { kind: loader, from: { file: 'data/*.csv' } }
  child: { ${child} }
  publish:
    kind: exporter
    to: { connection: warehouse, table: out_${index}, mode: merge, keys: [id] }
    inputs: [block_15]
    after: [child]
`;
}

function childText(index: number): string {
  return `kind: pipeline, pipeline: pipeline_${Math.floor((index - 1) / 2)}, params: { month: '\${{ params.month }}' }`;
}

function codeBlock(name: string, block: number): string {
  const file = `${name}/${fileOf(block)}`;
  if (block === 0) return `  block_0: { kind: loader, file: ${file} }`;
  const inputs = block === 1 ? 'block_0' : `block_${block - 1}, block_${block - 2}`;
  return `  block_${block}: { kind: transformer, file: ${file}, inputs: [${inputs}], timeout: 1h30m }`;
}

function fileOf(block: number): string {
  if (block < 8) return `sql_${block}.sql`;
  return block < 12 ? `code_${block}.ts` : `code_${block}.py`;
}

function codeOf(block: number): string {
  if (block < 8) return `select *, ${block} as block from block_${block - 1}\n`;
  if (block < 12) {
    return `import { block } from 'highwater';\n\nexport default block(async ({ params }) => [{ block: ${block}, month: params.month }]);\n`;
  }
  return `from highwater import block\n\n\n@block\ndef run(first, *, params):\n    return first\n`;
}

function write(dir: string, path: string, text: string): void {
  const place = join(dir, path);
  mkdirSync(dirname(place), { recursive: true });
  writeFileSync(place, text);
}
