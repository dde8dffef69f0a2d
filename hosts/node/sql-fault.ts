import { Fault, messageOf, type FaultCode } from '../../runtime/fault.ts';

/** Where SQL comes from, for messages. */
export interface Written {
  readonly file: string;
  /** What a person wrote in that file; absent for SQL that we wrote to read it. */
  readonly source?: {
    readonly text: string;
    /** Where the piece begins. */ readonly offset: number;
  };
}

interface DuckDbError {
  readonly exception_type: string;
  readonly exception_message: string;
  /** In bytes, from the start of what was run. */
  readonly position?: string;
}

/** Kinds of error that a second attempt meets again. */
const FINAL = new Set([
  'Binder',
  'Catalog',
  'Constraint',
  'Conversion',
  'Dependency',
  'Expression',
  'Invalid Input',
  'Invalid Type',
  'Mismatch Type',
  'Not implemented',
  'Out of Range',
  'Parameter Not Allowed',
  'Parameter Not Resolved',
  'Parser',
  'Syntax',
]);

/** The kind of a DuckDB error, as it names it itself; undefined for other errors. */
export function duckDbErrorType(error: unknown): string | undefined {
  return parseError(error)?.exception_type;
}

/** Says what is wrong with a statement and shows its line. `prefix` is what was put before the piece. */
export function sqlFault(error: unknown, written: Written, prefix = ''): Fault {
  if (error instanceof Fault) return error;
  const parsed = parseError(error);
  if (!parsed)
    return new Fault('block.failed', `${written.file}: ${messageOf(error)}`, { cause: error });
  const { exception_type, exception_message, position } = parsed;
  const { file, source } = written;
  const code = codeOf(exception_type, exception_message, source ? 'sql.invalid' : 'file.invalid');
  if (position === undefined || !source) return new Fault(code, `${file}: ${exception_message}`);
  const piece = Buffer.from(source.text.slice(source.offset));
  const bytes = Math.max(0, Number(position) - Buffer.byteLength(prefix));
  const at = source.offset + piece.subarray(0, bytes).toString().length;
  return faultAt(code, exception_message, { file, text: source.text }, at);
}

/** A fault that names a place in a text, counted in characters from its start. */
export function faultAt(
  code: FaultCode,
  message: string,
  { file, text }: { readonly file: string; readonly text: string },
  at: number,
): Fault {
  const before = text.slice(0, at).split('\n');
  const line = before.length;
  const column = (before.at(-1)?.length ?? 0) + 1;
  const shown = text.split('\n')[line - 1]?.trimEnd() ?? '';
  const margin = `${line} | `;
  const caret = `${' '.repeat(margin.length - 2)}| ${' '.repeat(column - 1)}^`;
  return new Fault(code, `${file}:${line}:${column}: ${message}\n${margin}${shown}\n${caret}`);
}

function codeOf(type: string, message: string, invalid: FaultCode): FaultCode {
  if (message.startsWith('No files found')) return 'file.missing';
  return FINAL.has(type) ? invalid : 'block.failed';
}

function parseError(error: unknown): DuckDbError | undefined {
  const message = messageOf(error);
  try {
    return JSON.parse(message.slice(message.indexOf('{"exception_type"'))) as DuckDbError;
  } catch {
    return undefined;
  }
}
