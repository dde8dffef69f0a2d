import { listBlocks } from './block-files.ts';

/** Whether Python is among a project's block files; a worker without a copy of the project finds none. */
export function usesPython(dir: string): boolean {
  return listBlocks(dir).some((path) => path.endsWith('.py'));
}
