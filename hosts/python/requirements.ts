import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

const INCLUDE = /^\s*(?:-r|--requirement|-c|--constraint)[\s=]+(\S+)/gm;

/** The text of a requirements file and of each file that it includes, once each. */
export async function requirementTexts(file: string, seen = new Set<string>()): Promise<string[]> {
  if (seen.has(file)) return [];
  seen.add(file);
  // pip names a file that is missing better than we could.
  const text = await readFile(file, 'utf8').catch(() => '');
  const texts = [text];
  for (const [, included = ''] of text.matchAll(INCLUDE)) {
    texts.push(...(await requirementTexts(resolve(dirname(file), included), seen)));
  }
  return texts;
}
