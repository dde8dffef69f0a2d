import { endProcess } from './process.ts';
import type { Stack } from './stack-file.ts';

/** Ends what a supervisor left behind that could not stop it itself: the servers last. */
export async function endLeftovers({ supervisor, components }: Stack): Promise<void> {
  await endProcess(supervisor.pid, supervisor.identity, 'SIGKILL');
  for (const names of [
    ['api', 'worker'],
    ['temporal', 'postgres'],
  ]) {
    const left = components.filter(({ name }) => names.includes(name));
    await Promise.all(
      left.map(async ({ name, process }) => {
        const signal = name === 'postgres' ? 'SIGINT' : 'SIGTERM';
        if (process) await endProcess(process.pid, process.identity, signal);
      }),
    );
  }
}
