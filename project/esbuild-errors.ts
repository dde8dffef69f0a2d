import type { BuildFailure, Message } from 'esbuild';
import type { DefinitionError } from '../pipeline/definition-error.ts';

export function isBuildFailure(error: unknown): error is BuildFailure {
  return error instanceof Error && 'errors' in error && Array.isArray(error.errors);
}

/** esbuild counts columns in bytes from 0; without a place, the error is that of the file given. */
export function toDefinitionError({ text, location }: Message, otherwise: string): DefinitionError {
  const code = 'typescript.invalid';
  if (!location) {
    return { file: otherwise, line: 1, column: 1, code, message: text, excerpt: '' };
  }
  const { file, line, column, lineText } = location;
  const before = Buffer.from(lineText).subarray(0, column).toString();
  return { file, line, column: before.length + 1, code, message: text, excerpt: lineText };
}

export function noBlockIn(file: string): DefinitionError {
  const message = 'the file has no default export: write export default block(async ({ … }) => …)';
  return { file, line: 1, column: 1, code: 'typescript.no_block', message, excerpt: '' };
}
