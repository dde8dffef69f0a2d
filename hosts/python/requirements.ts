import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { Fault } from '../../runtime/fault.ts';
import { packageRoot } from '../../runtime/paths.ts';

const OWN = join(packageRoot, 'hosts', 'python', 'requirements.txt');
const INCLUDE = /^\s*(?:-r|--requirement|-c|--constraint)[\s=]+(\S+)/gm;

/** The requirements files of a project, `file` or its requirements.txt, and of the Python host. */
export function requirementFiles(project: string, file: string | undefined): string[] {
  const own = join(project, file ?? 'requirements.txt');
  if (existsSync(own)) return [own, OWN];
  if (file === undefined) return [OWN];
  throw new Fault('file.missing', `Python requirements file ${file} is not in ${project}`);
}

/** The texts of requirements files and of each file that they include, once each. */
export function requirementTexts(files: readonly string[], seen = new Set<string>()): string[] {
  return files.flatMap((file) => {
    if (seen.has(file)) return [];
    seen.add(file);
    const text = read(file);
    const included = [...text.matchAll(INCLUDE)].map(([, name = '']) =>
      resolve(dirname(file), name),
    );
    return [text, ...requirementTexts(included, seen)];
  });
}

/** pip names a file that is missing better than we could. */
function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
