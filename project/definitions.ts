import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { World } from '../pipeline/check.ts';
import { waitedForBy } from '../pipeline/checks/warn-of-sensors.ts';
import { inOrder, type DefinitionError } from '../pipeline/definition-error.ts';
import type { PipelineDefinition, ProjectDefinition } from '../pipeline/definition.ts';
import { cyclesIn } from '../pipeline/graph.ts';
import {
  checkPipeline,
  readPipeline,
  warnOf,
  type PipelineFile,
} from '../pipeline/read-pipeline.ts';
import { readProject, type ProjectFile } from '../pipeline/read-project.ts';
import { childrenOf, filesOf } from '../plan/compile.ts';
import { findBlockFiles } from './block-files.ts';
import { createFileCache } from './file-cache.ts';
import { PROJECT_FILE } from './find-project.ts';

export const PIPELINES_FOLDER = 'pipelines';

/** A pipeline as its file stands now. */
interface LoadedPipeline {
  readonly name: string;
  /** Relative to the project. */
  readonly file: string;
  /** Absent when nothing of its file can be read; with errors, what could be read. */
  readonly definition?: PipelineDefinition;
  /** Empty: it can be compiled. */
  readonly errors: readonly DefinitionError[];
  /** What may surprise about it; empty when there are errors. */
  readonly warnings: readonly DefinitionError[];
}

/** A project as its definition files stand now. */
export interface LoadedProject {
  readonly project?: ProjectDefinition;
  readonly pipelines: ReadonlyMap<string, LoadedPipeline>;
  /** Paths relative to the project of the block files that exist, by what blocks call them. */
  readonly blockFiles: ReadonlyMap<string, string>;
  /** Everything that is wrong, in the order of files and lines. */
  readonly errors: readonly DefinitionError[];
  readonly warnings: readonly DefinitionError[];
}

export interface Definitions {
  /** Of its `highwater.yaml` alone: as quick for many pipelines as for one. */
  readonly projectFile: () => ProjectFile;
  readonly load: () => LoadedProject;
}

/** Reads the definition files of a folder; a second call reads only those that have changed. */
export function createDefinitions(dir: string): Definitions {
  const projectFile = createFileCache(dir, readProject);
  const pipelineFiles = createFileCache(dir, (file, bytes) =>
    readPipeline(nameOf(file), file, bytes),
  );
  let seen: readonly unknown[] = [];
  let loaded: LoadedProject = {
    pipelines: new Map(),
    blockFiles: new Map(),
    errors: [],
    warnings: [],
  };

  return { projectFile: readProjectFile, load };

  function readProjectFile(): ProjectFile {
    return projectFile.get(PROJECT_FILE) ?? NO_PROJECT;
  }

  function load(): LoadedProject {
    const project = readProjectFile();
    const files = pipelineNames(dir).flatMap((file) => pipelineFiles.get(file) ?? []);
    const named = files.flatMap(({ draft }) => (draft ? filesOf(draft.definition) : []));
    const blockFiles = findBlockFiles(dir, [...new Set(named)]);
    const now = [project, ...files, ...blockFiles.values()];
    if (now.length !== seen.length || now.some((value, index) => value !== seen[index])) {
      loaded = check(project, files, blockFiles);
      seen = now;
    }
    return loaded;
  }
}

function check(
  project: ProjectFile,
  files: readonly PipelineFile[],
  blockFiles: ReadonlyMap<string, string>,
): LoadedProject {
  const world: World = {
    connections: project.connections,
    pools: project.pools,
    pipelines: new Map(files.map(({ name, draft }) => [name, draft?.definition])),
    recursions: circlesIn(files, childrenOf),
    hasBlockFile: (file) => blockFiles.has(file),
  };
  const waits = circlesIn(files, (its) => [...childrenOf(its), ...waitedForBy(its)]);
  const pipelines = files.map((file): LoadedPipeline => {
    const { name, document, draft } = file;
    const errors = [...checkPipeline(file, world), ...twins(file, files)];
    const warnings = errors.length > 0 ? [] : warnOf(file, waits);
    const definition = draft && { definition: draft.definition };
    return { name, file: document.file, errors, warnings, ...definition };
  });
  return {
    ...(project.definition && { project: project.definition }),
    pipelines: new Map(pipelines.map((pipeline) => [pipeline.name, pipeline])),
    blockFiles,
    errors: inOrder([...project.errors, ...pipelines.flatMap(({ errors }) => errors)]),
    warnings: pipelines.flatMap(({ warnings }) => warnings),
  };
}

function circlesIn(
  files: readonly PipelineFile[],
  othersOf: (definition: PipelineDefinition) => string[],
): string[][] {
  const others = files.map(
    ({ name, draft }) => [name, draft ? othersOf(draft.definition) : []] as const,
  );
  return cyclesIn(new Map(others));
}

/** `a.yaml` beside `a.yml`: neither wins. */
function twins(
  { name, document }: PipelineFile,
  files: readonly PipelineFile[],
): DefinitionError[] {
  const twin = files.find((other) => other.name === name && other.document !== document);
  if (!twin) return [];
  const message = `${twin.document.file} has the same name: keep one of the two`;
  return [document.blame({ path: [], code: 'pipeline.duplicate', message })];
}

function pipelineNames(dir: string): string[] {
  try {
    return readdirSync(join(dir, PIPELINES_FOLDER))
      .filter((name) => /^[^.].*\.ya?ml$/.test(name))
      .sort()
      .map((name) => `${PIPELINES_FOLDER}/${name}`);
  } catch {
    return [];
  }
}

function nameOf(file: string): string {
  return file.replace(/^pipelines\//, '').replace(/\.ya?ml$/, '');
}

const MISSING: DefinitionError = {
  file: PROJECT_FILE,
  line: 1,
  column: 1,
  code: 'project.missing',
  message: `there is no ${PROJECT_FILE}: create it with a line such as "name: my_project", or go to a folder that has one`,
  excerpt: '',
};
const NO_PROJECT: ProjectFile = { errors: [MISSING] };
