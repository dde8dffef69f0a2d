import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Fault, messageOf } from '../../runtime/fault.ts';
import type { Json } from '../../runtime/json.ts';
import type { HostOutput, HostResult } from '../protocol.ts';
import { fileFacts } from './file-facts.ts';

const NAME = 'data.json';

/** Answers a small JSON value inline; a large one goes to the output folder. */
export async function writeValue(output: HostOutput, value: unknown): Promise<HostResult> {
  const text = toJson(value);
  if (output.watermarkColumn !== null) {
    throw new Fault('output.invalid', 'The watermark is a column, but the block returned a value');
  }
  if (Buffer.byteLength(text) <= output.inlineBytes) {
    return { rows: null, value: JSON.parse(text) as Json };
  }
  const path = join(output.folder, NAME);
  await mkdir(output.folder, { recursive: true });
  await writeFile(path, text);
  const file = { name: NAME, format: 'json' as const, ...(await fileFacts(path)), schema: [] };
  return { rows: null, file };
}

function toJson(value: unknown): string {
  try {
    const text = JSON.stringify(value) as string | undefined;
    if (text !== undefined) return text;
  } catch (error) {
    throw notStorable(messageOf(error));
  }
  throw notStorable(`a ${typeof value}`);
}

function notStorable(why: string): Fault {
  const wanted = 'return rows, a stream of rows, a relation or a JSON value';
  return new Fault(
    'output.invalid',
    `The block returned what cannot be stored (${why}): ${wanted}`,
  );
}
