import { join, resolve } from 'node:path';
import { didYouMean } from '../pipeline/did-you-mean.ts';
import { formatErrors, inOrder, type DefinitionError } from '../pipeline/definition-error.ts';
import { childrenOf, compile, filesOf } from '../plan/compile.ts';
import type { Compiled } from '../plan/plan.ts';
import type { ProjectFile } from '../pipeline/read-project.ts';
import { Fault } from '../runtime/fault.ts';
import { placesOf } from './block-files.ts';
import { createDefinitions, PIPELINES_FOLDER, type LoadedProject } from './definitions.ts';
import { stampsOf } from './file-stamp.ts';
import { PROJECT_FILE } from './find-project.ts';
import { createSources, type FindPython, type Gathered } from './sources.ts';

/** A project folder. Every answer is of its files as they are now; what did not change is not read again. */
export interface Project {
  /** Absolute path. */
  readonly dir: string;
  /** Its `highwater.yaml`; quick enough for every request. */
  readonly file: () => ProjectFile;
  /** The definitions, as far as the YAML files alone tell. It looks at every file. */
  readonly load: () => LoadedProject;
  /** Everything that is wrong with the project, also inside block files. Empty: it is sound. */
  readonly validate: () => Promise<readonly DefinitionError[]>;
  /**
   * Throws `pipeline.not_found`, or `pipeline.invalid` with all errors of the pipeline and its sub-pipelines. Quick
   * enough for every request: of one that did not change, only its own files are looked at.
   */
  readonly compile: (name: string) => Promise<Compiled>;
  /** Every pipeline by name, compiled or with the fault that `compile` throws. */
  readonly compileAll: () => Promise<ReadonlyMap<string, Compiled | Fault>>;
}

/** Opens the project that is meant where it is called. */
export type OpenProject = () => Promise<Project>;

export function openProject(folder: string, { findPython }: { findPython: FindPython }): Project {
  const dir = resolve(folder);
  const { projectFile, load } = createDefinitions(dir);
  const sources = createSources(dir, findPython);
  const compiled = new Map<string, Kept>();

  return {
    dir,
    file: projectFile,
    load,

    async validate() {
      const { blockFiles, errors } = load();
      const inside = await sources.check([...new Set(blockFiles.values())]);
      return inOrder([...errors, ...distinct(inside)]);
    },

    async compile(name) {
      const known = compiled.get(name);
      const stamps = known?.files && stampsOf(known.files);
      if (known && stamps !== undefined && stamps === known.stamps) return known.result;
      const result = await compileFrom(load(), name);
      // Taken before the files were found unchanged: whatever changes from then on will show.
      if (known?.result === result) known.stamps = stamps;
      return result;
    },

    async compileAll() {
      const loaded = load();
      const all = new Map<string, Compiled | Fault>();
      for (const name of loaded.pipelines.keys()) {
        all.set(name, await compileFrom(loaded, name).catch(faultOf));
      }
      return all;
    },
  };

  async function compileFrom(loaded: LoadedProject, name: string): Promise<Compiled> {
    const { project, pipelines, files: definedIn } = requireSound(loaded, name);
    const files = [...new Set([...pipelines.values()].flatMap(filesOf))];
    const paths = files.map((file) => [file, loaded.blockFiles.get(file) ?? ''] as const);
    const gathered = await sources.gather([...new Set(paths.map(([, path]) => path))]);
    const from = [loaded, ...gathered.values()];
    const known = compiled.get(name);
    if (known && sameItems(known.from, from)) return known.result;

    const errors = distinct([...gathered.values()].flatMap((its) => its.errors));
    if (errors.length > 0) throw invalid(name, errors);

    const found = paths.flatMap(([file, path]) => {
      const source = gathered.get(path)?.source;
      return source ? [[file, source] as const] : [];
    });
    const result = compile(name, { project, pipelines, sources: new Map(found) });
    const places = [PROJECT_FILE, PIPELINES_FOLDER, ...definedIn, ...files.flatMap(placesOf)];
    compiled.set(name, { from, result, files: filesBehind(dir, places, gathered) });
    return result;
  }
}

/** A compiled pipeline, with what tells whether it would be the same now. */
interface Kept {
  readonly result: Compiled;
  /** What it was compiled from. */
  readonly from: readonly unknown[];
  /** Absolute paths of all that it depends on, folders too; undefined: nobody knows. */
  readonly files: readonly string[] | undefined;
  /** Of the files, from when they were last known to give this result. */
  stamps?: string | undefined;
}

function filesBehind(
  dir: string,
  places: readonly string[],
  gathered: ReadonlyMap<string, Gathered>,
): string[] | undefined {
  const paths = new Set(places.map((place) => join(dir, place)));
  for (const { readFrom } of gathered.values()) {
    if (!readFrom) return undefined;
    for (const path of readFrom) paths.add(path);
  }
  return [...paths];
}

function faultOf(error: unknown): Fault {
  if (error instanceof Fault) return error;
  throw error;
}

/** What did not change is the same object as before. */
function sameItems(some: readonly unknown[], others: readonly unknown[]): boolean {
  return some.length === others.length && some.every((item, index) => item === others[index]);
}

/** The pipeline with all that it runs, or a fault with everything that is wrong with any of them. */
function requireSound({ project, pipelines, errors }: LoadedProject, name: string) {
  if (!project)
    throw invalid(
      name,
      errors.filter(({ file }) => file === PROJECT_FILE),
    );
  const asked = pipelines.get(name);
  if (!asked) {
    const hint = didYouMean(name, pipelines.keys());
    throw new Fault('pipeline.not_found', `There is no pipeline ${name}${hint}`);
  }
  const family = new Map([[name, asked]]);
  for (const { definition } of family.values()) {
    for (const child of definition ? childrenOf(definition) : []) {
      const found = pipelines.get(child);
      if (found) family.set(child, found);
    }
  }
  const files = new Set([...family.values()].map(({ file }) => file));
  const theirs = errors.filter(({ file }) => files.has(file) || !file.startsWith('pipelines/'));
  if (theirs.length > 0) throw invalid(name, theirs);

  const definitions = [...family].flatMap(([its, { definition }]) =>
    definition ? [[its, definition] as const] : [],
  );
  return { project, pipelines: new Map(definitions), files };
}

/** Several blocks may import the same broken file. */
function distinct(errors: readonly DefinitionError[]): DefinitionError[] {
  const byText = new Map(errors.map((error) => [JSON.stringify(error), error]));
  return inOrder([...byText.values()]);
}

function invalid(name: string, errors: readonly DefinitionError[]): Fault {
  return new Fault('pipeline.invalid', `Pipeline ${name} can't run:\n${formatErrors(errors)}`, {
    errors,
  });
}
