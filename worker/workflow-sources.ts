import { join } from 'node:path';

/** What a bundle of the workflows is made of, for the SDK's bundler; `folder` is `workflows/`, compiled or not. */
export function workflowSources(folder: string) {
  return { workflowsPath: folder, preloadModules: [join(folder, 'stack-traces')] };
}
