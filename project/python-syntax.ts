import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import type { DefinitionError } from '../pipeline/definition-error.ts';
import { Fault } from '../runtime/fault.ts';

/** Reads `[[name, text], …]` and prints `[[name, line, column, message], …]`; runs nothing of it. */
const CHECK = `
import ast, json, sys
found = []
for name, text in json.load(sys.stdin):
    try:
        compile(text, name, 'exec', ast.PyCF_ONLY_AST, dont_inherit=True)
    except SyntaxError as error:
        found.append([name, error.lineno or 1, error.offset or 1, error.msg])
    except Exception as error:
        found.append([name, 1, 1, str(error)])
json.dump(found, sys.stdout)
`;

/** Finds syntax errors with the interpreter itself, all files at once. */
export async function checkPython(
  python: string,
  files: ReadonlyMap<string, string>,
): Promise<DefinitionError[]> {
  const child = spawn(python, ['-I', '-S', '-c', CHECK], { stdio: ['pipe', 'pipe', 'inherit'] });
  const failed = new Promise<never>((_resolve, reject) => {
    child.on('error', reject);
    child.stdin.on('error', reject);
  });
  child.stdin.end(JSON.stringify([...files]));
  const output = await Promise.race([text(child.stdout), failed]);
  const found = parse(output);
  return found.map(([file, line, column, message]) => ({
    file,
    line,
    column: Math.max(1, column),
    code: 'python.invalid',
    message,
    excerpt: files.get(file)?.split('\n')[line - 1]?.trimEnd() ?? '',
  }));
}

function parse(output: string): [string, number, number, string][] {
  try {
    return JSON.parse(output) as [string, number, number, string][];
  } catch (cause) {
    throw new Fault('language.missing', `Python could not be started: ${output}`, { cause });
  }
}
