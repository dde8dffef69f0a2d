import type { World } from '../../pipeline/check.ts';
import { formatError, type DefinitionError } from '../../pipeline/definition-error.ts';
import { checkPipeline, readPipeline } from '../../pipeline/read-pipeline.ts';

const MARK = '«';

/** A world in which every block file exists. */
export function world(changes: Partial<World> = {}): World {
  return {
    connections: new Set(['warehouse']),
    pipelines: new Map(),
    recursions: [],
    hasBlockFile: () => true,
    ...changes,
  };
}

export function errorsIn(text: string, changes: Partial<World> = {}): DefinitionError[] {
  const file = readPipeline('sample', 'pipelines/sample.yaml', new TextEncoder().encode(text));
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
