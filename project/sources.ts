import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DefinitionError } from '../pipeline/definition-error.ts';
import { languageOf, type BlockLanguage } from '../pipeline/language.ts';
import { decode } from '../pipeline/text.ts';
import { blockSource } from '../plan/hash.ts';
import type { BlockSource } from '../plan/plan.ts';
import { Fault } from '../runtime/fault.ts';
import { checkTypescript } from './check-typescript.ts';
import { stampsOf } from './file-stamp.ts';
import { gatherPython } from './python-sources.ts';
import { gatherTypescript } from './typescript-sources.ts';

/** The code of one block file, or what is wrong with it. */
export interface Gathered {
  readonly source?: BlockSource;
  readonly errors: readonly DefinitionError[];
  /** Absolute paths of all files that it depends on; absent: gather it again next time. */
  readonly readFrom?: readonly string[];
}

/** Answers with an interpreter, or throws a `language.missing` that says how to install one. */
export type FindPython = () => Promise<{ readonly command: string }>;

export interface Sources {
  /** By path relative to the project. What did not change is not gathered again. */
  readonly gather: (paths: readonly string[]) => Promise<ReadonlyMap<string, Gathered>>;
  /** What is wrong with files, found without gathering them: quick for very many. SQL shows only when it runs. */
  readonly check: (paths: readonly string[]) => Promise<readonly DefinitionError[]>;
}

type Gather = (paths: readonly string[]) => Promise<ReadonlyMap<string, Gathered>>;

export function createSources(dir: string, findPython: FindPython): Sources {
  const kept = new Map<string, { gathered: Gathered; stamps: string }>();
  const gatherers: Readonly<Record<BlockLanguage, Gather>> = {
    sql: (paths) => Promise.resolve(new Map(paths.map((path) => [path, gatherSql(dir, path)]))),
    typescript: (paths) => gatherTypescript(dir, paths),
    python: (paths) => withPython(dir, paths, findPython),
  };

  return {
    async check(paths) {
      const inLanguage = (language: BlockLanguage) =>
        paths.filter((path) => languageOf(path) === language);
      const [typescript, python] = await Promise.all([
        checkTypescript(dir, inLanguage('typescript')),
        withPython(dir, inLanguage('python'), findPython),
      ]);
      return [...typescript, ...[...python.values()].flatMap(({ errors }) => errors)];
    },

    async gather(paths) {
      const stale = paths.filter((path) => !isFresh(kept.get(path)));
      await Promise.all(
        LANGUAGES.map(async (language) => {
          const group = stale.filter((path) => languageOf(path) === language);
          if (group.length === 0) return;
          for (const [path, gathered] of await gatherers[language](group)) {
            kept.set(path, { gathered, stamps: stampsOf(gathered.readFrom ?? []) });
          }
        }),
      );
      return new Map(
        paths.flatMap((path) => {
          const gathered = kept.get(path)?.gathered;
          return gathered ? [[path, gathered] as const] : [];
        }),
      );
    },
  };
}

const LANGUAGES: readonly BlockLanguage[] = ['sql', 'typescript', 'python'];

function isFresh(kept: { gathered: Gathered; stamps: string } | undefined): boolean {
  const readFrom = kept?.gathered.readFrom;
  return readFrom !== undefined && kept?.stamps === stampsOf(readFrom);
}

function gatherSql(dir: string, path: string): Gathered {
  const place = join(dir, path);
  const { text, error } = decode(path, readFileSync(place));
  if (error) return { errors: [error] };
  return {
    source: blockSource({ language: 'sql', entry: path, files: { [path]: text } }),
    errors: [],
    readFrom: [place],
  };
}

async function withPython(
  dir: string,
  paths: readonly string[],
  findPython: FindPython,
): Promise<ReadonlyMap<string, Gathered>> {
  if (paths.length === 0) return new Map();
  try {
    const { command } = await findPython();
    return await gatherPython(dir, paths, command);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    const { code, message } = error;
    const missing = { line: 1, column: 1, code, message, excerpt: '' };
    return new Map(paths.map((path) => [path, { errors: [{ file: path, ...missing }] }]));
  }
}
