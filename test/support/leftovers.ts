import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { commandOf, identify } from '../../local/process.ts';

/** Processes that were started for this home, as `pid command`, without the ones that belong there. */
export async function findProcesses(home: string, but: readonly number[]): Promise<string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const found = await Promise.all(
    pids.map(async (pid) => {
      const environment = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '');
      const isOurs = environment.split('\0').includes(`HIGHWATER_HOME=${home}`);
      if (!isOurs || but.includes(pid) || (await identify(pid)) === undefined) return [];
      return [`${pid} ${(await commandOf(pid)) ?? ''}`];
    }),
  );
  return found.flat();
}

/** The hosts of a worker: its children that run blocks. */
export async function hostsOf(home: string, worker: number): Promise<number[]> {
  const hosts: number[] = [];
  for (const line of await findProcesses(home, [worker])) {
    const pid = Number.parseInt(line, 10);
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
    const parent = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1];
    if (Number(parent) === worker) hosts.push(pid);
  }
  return hosts;
}

/** Files of the artifact store, by their uris. */
export async function storedFiles(home: string): Promise<string[]> {
  const root = join(home, 'artifacts');
  const entries = await readdir(root, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).replace(`${root}/`, 'store:///'));
}
