import { extname } from 'node:path/posix';

/** What a block's file is written in. */
export type BlockLanguage = 'sql' | 'typescript' | 'python';

const LANGUAGES: Readonly<Record<string, BlockLanguage>> = {
  '.sql': 'sql',
  '.ts': 'typescript',
  '.py': 'python',
};

export const ENDINGS = Object.keys(LANGUAGES);

/** By the ending of its name; undefined for a language that no host speaks. */
export function languageOf(file: string): BlockLanguage | undefined {
  const ending = extname(file);
  return Object.hasOwn(LANGUAGES, ending) ? LANGUAGES[ending] : undefined;
}
