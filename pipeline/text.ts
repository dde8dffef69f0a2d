import type { DefinitionError } from './definition-error.ts';

const LARGEST_BYTES = 4 * 1024 * 1024;

/** A definition file's text, or why it can't be read as text. An error stands for the bytes it kept from us. */
export function decode(
  file: string,
  bytes: Uint8Array | Error,
): { text: string; error?: never } | { text?: never; error: DefinitionError } {
  if (bytes instanceof Error) {
    return { error: at(file, 1, 1, 'file.unreadable', `can't be read: ${bytes.message}`) };
  }
  if (bytes.length > LARGEST_BYTES) {
    return { error: at(file, 1, 1, 'yaml.too_large', 'must be smaller than 4 MiB') };
  }
  if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)) {
    return { error: at(file, 1, 1, 'yaml.encoding', 'is UTF-16: save it as UTF-8') };
  }
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
  } catch {
    const { line, column } = firstBroken(bytes);
    const message = 'holds bytes that are not UTF-8: save it as UTF-8';
    return { error: at(file, line, column, 'yaml.encoding', message) };
  }
}

/** Decoding loosely marks each broken sequence; a mark that is not in the bytes is the first one. */
function firstBroken(bytes: Uint8Array): { line: number; column: number } {
  const lines = new TextDecoder().decode(bytes).split('\n');
  const index = lines.findIndex((line) => line.includes('\ufffd'));
  return { line: index + 1, column: (lines[index]?.indexOf('\ufffd') ?? 0) + 1 };
}

function at(
  file: string,
  line: number,
  column: number,
  code: string,
  message: string,
): DefinitionError {
  return { file, line, column, code, message, excerpt: '' };
}
