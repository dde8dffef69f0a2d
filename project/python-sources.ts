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
    for (const { name, roots } of importsIn(text, posix.dirname(path))) {
      for (const file of modulesOf(dir, roots, name)) closure.add(file);
    }
  }
  return [...closure].sort();
}

const IMPORT =
  /^[ \t]*(?:from[ \t]+(\.*)([\w.]*)[ \t]+import[ \t]+\(?([\w., \t]*)|import[ \t]+([\w., \t]+))/gm;

interface Import {
  readonly name: string;
  /** The folders that may hold it. */
  readonly roots: readonly string[];
}

/** The top-level names of the modules that a file of this folder imports, and where they may be. */
function importsIn(text: string, folder: string): Import[] {
  return [...text.matchAll(IMPORT)].flatMap(([, dots = '', from, names, list]) => {
    const modules = (list ?? (from === '' ? names : from) ?? '').split(',');
    const tops = modules.map((module) => module.trim().split(/[.\s]/)[0] ?? '');
    const roots = dots === '' ? [folder, 'blocks'] : above(folder, dots.length - 1);
    return tops.filter((name) => name !== '').map((name) => ({ name, roots }));
  });
}

/** Nothing outside the project is taken along. */
function above(folder: string, levels: number): string[] {
  const root = posix.join(folder, ...Array.from({ length: levels }, () => '..'));
  return root.startsWith('..') ? [] : [root];
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
