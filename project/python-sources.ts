import { readFileSync, readdirSync } from 'node:fs';
import { join, posix } from 'node:path';
import { blockSource } from '../plan/hash.ts';
import { fileStamp } from './file-stamp.ts';
import { checkPython } from './python-syntax.ts';
import type { Gathered } from './sources.ts';

type Files = Map<string, string>;

/**
 * Each file with the local modules that it imports, directly or through others. A module is looked for
 * beside the file and below `blocks/`; of a package, every module belongs.
 */
export async function gatherPython(
  dir: string,
  paths: readonly string[],
  python: string,
): Promise<ReadonlyMap<string, Gathered>> {
  const known: Files = new Map();
  const closures = paths.map((path) => [path, closureOf(dir, path, known)] as const);
  const errors = await checkPython(python, known);
  return new Map(
    closures.map(([path, names]): [string, Gathered] => {
      const files = Object.fromEntries(names.map((name) => [name, known.get(name) ?? '']));
      return [
        path,
        {
          source: blockSource({ language: 'python', entry: path, files }),
          errors: errors.filter(({ file }) => names.includes(file)),
          readFrom: names.map((name) => join(dir, name)),
        },
      ];
    }),
  );
}

function closureOf(dir: string, entry: string, known: Files): string[] {
  const closure = new Set([entry]);
  for (const path of closure) {
    const text = known.get(path) ?? readFileSync(join(dir, path), 'utf8');
    known.set(path, text);
    const roots = [...new Set([posix.dirname(path), 'blocks'])];
    for (const name of importsIn(text)) {
      for (const file of modulesOf(dir, roots, name)) closure.add(file);
    }
  }
  return [...closure].sort();
}

const IMPORT = /^[ \t]*(?:from[ \t]+([\w.]+)[ \t]+import\b|import[ \t]+([\w., \t]+))/gm;

/** The top-level names of the modules that a file imports; relative imports stay inside their package. */
function importsIn(text: string): string[] {
  const names = [...text.matchAll(IMPORT)].flatMap(([, from, list]) =>
    from === undefined ? (list ?? '').split(',') : [from],
  );
  const tops = names.map((name) => name.trim().split(/[.\s]/)[0] ?? '');
  return [...new Set(tops.filter((name) => name !== ''))];
}

function modulesOf(dir: string, roots: readonly string[], name: string): string[] {
  for (const root of roots) {
    const path = posix.join(root, name);
    if (fileStamp(join(dir, `${path}.py`)) !== null) return [`${path}.py`];
    const inside = packageFiles(dir, path);
    if (inside.length > 0) return inside;
  }
  return [];
}

function packageFiles(dir: string, path: string): string[] {
  try {
    return readdirSync(join(dir, path), { recursive: true, encoding: 'utf8' })
      .map((file) => posix.join(path, file.replaceAll('\\', '/')))
      .filter((file) => file.endsWith('.py'));
  } catch {
    return [];
  }
}
