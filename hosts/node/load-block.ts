import { register } from 'node:module';
import { extname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Fault, messageOf } from '../../runtime/fault.ts';
import { BLOCK_MARK } from './resolve-hook.ts';
import type { BlockFunction } from './sdk.ts';

const EXTENSION = extname(fileURLToPath(import.meta.url));
/** By path: importing again would ask the hook's thread each time. */
const loaded = new Map<string, BlockFunction>();
let hooked = false;

/** Imports a block's module. Its folder never changes, so a module stays loaded for the next attempt. */
export async function loadBlock(
  folder: string,
  entry: string,
  projectDir: string,
): Promise<BlockFunction> {
  const path = join(folder, entry);
  const known = loaded.get(path);
  if (known) return known;
  hookImports(projectDir);
  const url = `${pathToFileURL(path).href}${BLOCK_MARK}`;
  const file = entry.replace(/\.mjs$/, '.ts'); // as its author knows it
  const module = await importModule(url, file);
  if (typeof module.default === 'function') {
    const block = module.default as BlockFunction;
    loaded.set(path, block);
    return block;
  }
  throw new Fault(
    'block.invalid',
    `${file} has no block: write export default block(async ({ inputs }) => …)`,
  );
}

function hookImports(projectDir: string): void {
  if (hooked) return;
  hooked = true;
  const sdk = new URL(`./sdk${EXTENSION}`, import.meta.url).href;
  const project = pathToFileURL(join(projectDir, 'highwater.yaml')).href;
  register(`./resolve-hook${EXTENSION}`, import.meta.url, { data: { sdk, project } });
}

async function importModule(url: string, file: string): Promise<{ default?: unknown }> {
  try {
    return (await import(url)) as { default?: unknown };
  } catch (error) {
    if (error instanceof SyntaxError) {
      throw new Fault('block.invalid', `${file}: ${error.message}`, { cause: error });
    }
    if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error;
    const name = /'([^']+)'/.exec(messageOf(error))?.[1] ?? 'a module';
    const advice = `install it in the project: npm install ${name}`;
    throw new Fault('block.invalid', `${file} imports ${name}, which is not there: ${advice}`);
  }
}
