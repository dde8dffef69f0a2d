import type { World } from '../../pipeline/check.ts';
import { formatError, type DefinitionError } from '../../pipeline/definition-error.ts';
import type { PipelineDefinition } from '../../pipeline/definition.ts';
import { languageOf } from '../../pipeline/language.ts';
import { checkPipeline, readPipeline } from '../../pipeline/read-pipeline.ts';
import { readProject } from '../../pipeline/read-project.ts';
import { filesOf, type Definitions } from '../../plan/compile.ts';
import { blockSource } from '../../plan/hash.ts';
import type { BlockSource } from '../../plan/plan.ts';

const MARK = '«';

/** A world in which every block file exists. */
function world(changes: Partial<World> = {}): World {
  return {
    connections: new Map([
      ['warehouse', 'postgres'],
      ['lake', 's3'],
    ]),
    pools: new Map([['desk', 2]]),
    pipelines: new Map(),
    recursions: [],
    hasBlockFile: () => true,
    ...changes,
  };
}

export function errorsIn(text: string, changes: Partial<World> = {}): DefinitionError[] {
  const file = readPipeline('sample', 'pipelines/sample.yaml', encode(text));
  return checkPipeline(file, world(changes));
}

/** The places of the marks in a text, as `line:column`, and the text without them. */
export function unmark(marked: string): { text: string; places: string[] } {
  const places: string[] = [];
  const lines = marked.split('\n').map((line, index) => {
    let rest = line;
    for (let at = rest.indexOf(MARK); at >= 0; at = rest.indexOf(MARK)) {
      places.push(`${index + 1}:${at + 1}`);
      rest = rest.slice(0, at) + rest.slice(at + MARK.length);
    }
    return rest;
  });
  return { text: lines.join('\n'), places };
}

/** `line:column code` of every error, to be compared with the marks of a text. */
export function brief(errors: readonly DefinitionError[]): string[] {
  return errors.map(({ line, column, code }) => `${line}:${column} ${code}`);
}

export function shown(errors: readonly DefinitionError[]): string {
  return errors.map((error) => formatError(error)).join('\n');
}

/** Definitions without errors, by pipeline; every block file's source is its name. */
export function definitions(
  texts: Readonly<Record<string, string>>,
  project = 'name: sample\nconnections: { warehouse: { type: postgres, url: postgres://x } }',
): Definitions {
  const read = (name: string, text: string) =>
    readPipeline(name, `pipelines/${name}.yaml`, encode(text)).draft?.definition;
  const pipelines = new Map<string, PipelineDefinition>();
  for (const [name, text] of Object.entries(texts)) {
    const definition = read(name, text);
    if (!definition) throw new Error(`pipelines/${name}.yaml can't be read`);
    pipelines.set(name, definition);
  }
  const { definition } = readProject('highwater.yaml', encode(project));
  if (!definition) throw new Error("highwater.yaml can't be read");
  const files = [...pipelines.values()].flatMap(filesOf);
  return {
    project: definition,
    pipelines,
    sources: new Map(files.map((file) => [file, sourceOf(file)])),
  };
}

function sourceOf(file: string): BlockSource {
  const path = `blocks/${file}`;
  return blockSource({ language: languageOf(file) ?? 'sql', entry: path, files: { [path]: file } });
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
