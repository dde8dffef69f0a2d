import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ProjectDefinition } from '../pipeline/definition.ts';
import { readProject } from '../pipeline/read-project.ts';
import { PROJECT_FILE } from './find-project.ts';

/**
 * What `highwater.yaml` says about the machine that runs its blocks. A worker may run without a copy
 * of the project, and then has nothing to go by.
 */
export function readSettings(dir: string): Pick<ProjectDefinition, 'artifacts' | 'python'> {
  const file = join(dir, PROJECT_FILE);
  if (!existsSync(file)) return {};
  return readProject(PROJECT_FILE, readFileSync(file)).definition ?? {};
}
