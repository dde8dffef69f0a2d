import { resolve } from 'node:path';
import { didYouMean } from '../pipeline/did-you-mean.ts';
import { formatErrors, inOrder, type DefinitionError } from '../pipeline/definition-error.ts';
import type { PipelineDefinition } from '../pipeline/definition.ts';
import { childrenOf, compile, filesOf } from '../plan/compile.ts';
import type { BlockSource, Compiled } from '../plan/plan.ts';
import { Fault } from '../runtime/fault.ts';
import { blockPath } from './block-path.ts';
import { createDefinitions, type LoadedProject } from './definitions.ts';
import { PROJECT_FILE } from './find-project.ts';
import { createSources, type FindPython } from './sources.ts';

/** A project folder. Every answer is of its files as they are now; what did not change is not read again. */
export interface Project {
  /** Absolute path. */
  readonly dir: string;
  /** The definitions, as far as the YAML files alone tell; quick enough for every request. */
  readonly load: () => LoadedProject;
  /** Everything that is wrong with the project, also inside block files. Empty: it is sound. */
  readonly validate: () => Promise<readonly DefinitionError[]>;
  /** Throws `pipeline.not_found`, or `pipeline.invalid` with all errors of the pipeline and its sub-pipelines. */
  readonly compile: (name: string) => Promise<Compiled>;
}

export function openProject(folder: string, { findPython }: { findPython: FindPython }): Project {
  const dir = resolve(folder);
  const load = createDefinitions(dir);
  const sources = createSources(dir, findPython);

  return {
    dir,
    load,

    async validate() {
      const { pipelines, errors } = load();
      const definitions = [...pipelines.values()].flatMap(({ definition }) => definition ?? []);
      const gathered = await sources.gather([...pathsOf(dir, definitions).values()]);
      return inOrder([...errors, ...distinct([...gathered.values()].flatMap((its) => its.errors))]);
    },

    async compile(name) {
      const { project, pipelines } = requireSound(load(), name);
      const paths = pathsOf(dir, [...pipelines.values()]);
      const gathered = await sources.gather([...new Set(paths.values())]);
      const errors = distinct([...gathered.values()].flatMap((its) => its.errors));
      if (errors.length > 0) throw invalid(name, errors);

      const byFile = new Map<string, BlockSource>();
      for (const [file, path] of paths) {
        const source = gathered.get(path)?.source;
        if (source) byFile.set(file, source);
      }
      return compile(name, { project, pipelines, sources: byFile });
    },
  };
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
  return { project, pipelines: new Map(definitions) };
}

/** The block files that exist, as blocks name them, with their paths in the project. */
function pathsOf(dir: string, definitions: readonly PipelineDefinition[]): Map<string, string> {
  const files = new Set(definitions.flatMap(filesOf));
  return new Map(
    [...files].flatMap((file) => {
      const path = blockPath(dir, file);
      return path === undefined ? [] : [[file, path] as const];
    }),
  );
}

/** Several blocks may import the same broken file. */
function distinct(errors: readonly DefinitionError[]): DefinitionError[] {
  const byPlace = new Map(errors.map((error) => [JSON.stringify(error), error]));
  return inOrder([...byPlace.values()]);
}

function invalid(name: string, errors: readonly DefinitionError[]): Fault {
  return new Fault('pipeline.invalid', `Pipeline ${name} can't run:\n${formatErrors(errors)}`, {
    errors,
  });
}
