import type { BlockDefinition, WorkingBlock } from '../block.ts';
import { blocksOf, type Check } from '../check.ts';
import type { Finding } from '../document.ts';
import { formatOf } from '../format.ts';
import { inputsOf } from '../inputs.ts';
import { ENDINGS, languageOf } from '../language.ts';

/** Every block has exactly one thing to do, and all that it needs for it. */
export const checkWork: Check = (draft) =>
  blocksOf(draft).flatMap(([name, block]) => {
    const present = block.kind === 'pipeline' ? [] : [...language(block), ...moved(block)];
    const absent = draft.damaged.has(name) ? [] : missing(block);
    return [...present, ...absent].map((finding) => ({
      ...finding,
      path: ['blocks', name, ...finding.path],
    }));
  });

/** What is wrong because of a key that stands there. */
function language(block: WorkingBlock): Finding[] {
  if (block.file === undefined) {
    if (block.kind === 'sensor' && block.until && block.connection !== undefined) {
      return [onlyForSql('what it waits for is in until: name the connection there')];
    }
    return block.connection === undefined ? [] : [onlyForSql('its SQL is in a file')];
  }
  const language = languageOf(block.file);
  if (!language) return [unsupported(block.file)];
  if (block.connection !== undefined && language !== 'sql') {
    return [onlyForSql(`${block.file} is no SQL`)];
  }
  return [];
}

function onlyForSql(reason: string): Finding {
  const message = `"connection" is where a block's SQL runs, and ${reason}`;
  return { path: ['connection'], at: 'key', code: 'key.misplaced', message };
}

function unsupported(file: string): Finding {
  if (/\.r$/i.test(file)) {
    const message = 'this version does not run R blocks yet: write it in Python, TypeScript or SQL';
    return { path: ['file'], code: 'language.unsupported', message };
  }
  const message = `the ending of "${file}" names no language: use ${ENDINGS.join(', ')}`;
  return { path: ['file'], code: 'language.unknown', message };
}

function moved(block: WorkingBlock): Finding[] {
  const key = block.kind === 'exporter' ? 'to' : 'from';
  const place = placeOf(block);
  if (!place) return [];
  const findings: Finding[] = [];
  if (block.file !== undefined) {
    const message = `write either "file" or "${key}", not both`;
    findings.push({ path: ['file'], at: 'key', code: 'block.too_much_work', message });
  }
  if ('file' in place && !place.format && !formatOf(place.file)) {
    const message = `the ending of "${place.file}" names no format: add format: csv, json or parquet`;
    findings.push({ path: [key, 'file'], code: 'format.unknown', message });
  }
  if ('query' in place && place.query !== undefined && place.table !== undefined) {
    const message = 'write either "table" or "query", not both';
    findings.push({ path: [key, 'query'], at: 'key', code: 'block.too_much_work', message });
  }
  if ('mode' in place && place.keys && place.mode !== 'merge') {
    const message = 'only mode: merge looks at keys: leave them out, or set the mode';
    findings.push({ path: [key, 'keys'], at: 'key', code: 'key.misplaced', message });
  }
  if ('mode' in place && place.soft_delete !== undefined) {
    findings.push(...softDelete(place, place.soft_delete));
  }
  if (block.kind === 'loader' && inputsOf(block).length > 0) {
    const message = 'a loader with "from" reads no other block: use after to wait for one';
    findings.push({ path: ['inputs'], at: 'key', code: 'key.misplaced', message });
  }
  return findings;
}

function softDelete({ mode, keys = [] }: Destination, column: string): Finding[] {
  const path = ['to', 'soft_delete'];
  if (mode !== 'merge') {
    const message = 'only mode: merge finds rows again to mark: leave it out, or set the mode';
    return [{ path, at: 'key', code: 'key.misplaced', message }];
  }
  if (!keys.includes(column)) return [];
  const message = `"${column}" is a key: a row is found by its keys, so they can't mark it as deleted`;
  return [{ path, code: 'value.invalid', message }];
}

/** What is wrong because a key does not stand there. */
function missing(block: BlockDefinition): Finding[] {
  if (block.kind === 'pipeline') {
    if (block.pipeline !== undefined) return [];
    return [noWork('name the pipeline that it runs: pipeline: NAME')];
  }
  const place = placeOf(block);
  if (!place) {
    if (block.file !== undefined || (block.kind === 'sensor' && block.until !== undefined))
      return [];
    return [noWork(WORK[block.kind])];
  }
  if ('query' in place || 'table' in place || 'connection' in place) {
    return [...transfer(block, place)];
  }
  return block.kind === 'exporter' ? oneInput(block) : [];
}

const WORK: Readonly<Record<WorkingBlock['kind'], string>> = {
  custom: 'give it a file',
  exporter: 'give it a file, or say where it writes: to',
  loader: 'give it a file, or say where it reads: from',
  sensor: 'say what it waits for: until, or a file of code',
  transformer: 'give it a file',
};

function noWork(advice: string): Finding {
  const message = `this block has nothing to do: ${advice}`;
  return { path: [], at: 'key', code: 'block.no_work', message };
}

function transfer(block: WorkingBlock, place: object): Finding[] {
  if (block.kind !== 'exporter') {
    if ('table' in place || 'query' in place) return [];
    const message = 'say what to read: table or query';
    return [{ path: ['from'], at: 'key', code: 'key.missing', message }];
  }
  const keyless = 'mode' in place && place.mode === 'merge' && !('keys' in place);
  const message = 'mode: merge needs keys: the columns by which rows are found again';
  const merge: Finding = { path: ['to', 'mode'], code: 'export.keys_missing', message };
  return [...oneInput(block), ...(keyless ? [merge] : [])];
}

function oneInput(block: WorkingBlock): Finding[] {
  const count = inputsOf(block).length;
  if (count === 1) return [];
  const message = `"to" writes exactly one input, and this block has ${count === 0 ? 'none' : count}`;
  return [
    { path: count === 0 ? ['to'] : ['inputs'], at: 'key', code: 'export.one_input', message },
  ];
}

type Exporter = Extract<WorkingBlock, { kind: 'exporter' }>;
type Destination = Extract<NonNullable<Exporter['to']>, { table: string }>;

function placeOf(block: WorkingBlock) {
  if (block.kind === 'loader') return block.from;
  return block.kind === 'exporter' ? block.to : undefined;
}
