import { benchEngine } from './engine.ts';
import { benchFlights } from './flights.ts';
import { benchMetadata } from './metadata.ts';
import { benchLarge } from './metadata/large.ts';
import { benchLife } from './metadata/life.ts';
import { benchLineage } from './metadata/lineage.ts';
import { benchStartEnd } from './metadata/start-end.ts';
import { benchProcessors } from './processors.ts';
import { benchTriggers, TRIGGER_PARTS } from './triggers.ts';

const PARTS = {
  engine: benchEngine,
  flights: benchFlights,
  processors: benchProcessors,
  metadata: benchMetadata,
  'start-end': benchStartEnd,
  lineage: benchLineage,
  large: benchLarge,
  life: benchLife,
  triggers: benchTriggers,
  ...TRIGGER_PARTS,
};
type Part = keyof typeof PARTS;

const json = process.argv.includes('--json');
const named = process.argv.slice(2).filter((word) => !word.startsWith('--'));
const unknown = named.filter((name) => !Object.hasOwn(PARTS, name));
if (unknown.length > 0) {
  throw new Error(`No part ${unknown.join(', ')}: there are ${Object.keys(PARTS).join(', ')}`);
}

const say = (line: string) => process.stderr.write(`${line}\n`);
const figures = {};
for (const part of named.length > 0 ? (named as Part[]) : (['engine', 'flights'] as const)) {
  Object.assign(figures, await PARTS[part](say));
}
if (json) process.stdout.write(`${JSON.stringify(figures)}\n`);
