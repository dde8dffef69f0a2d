import { endOfOutput } from '../protocol.ts';

const FLUSH_MS = 5_000;

/** Taken before any block could replace them. */
const WRITERS = [process.stdout, process.stderr].map((stream) => stream.write.bind(stream));

let bytesAtEnd = 0;

/** Whether the streams were written to since `endPrints` last answered. */
export function hasPrinted(): boolean {
  return bytesWritten() > bytesAtEnd;
}

/** Sends off everything that was printed, and the end mark after it. */
export async function endPrints(id: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, FLUSH_MS)));
  await Promise.race([Promise.all(WRITERS.map((write) => writeEnd(write, id))), late]);
  clearTimeout(timer);
  bytesAtEnd = bytesWritten();
}

function bytesWritten(): number {
  return process.stdout.bytesWritten + process.stderr.bytesWritten;
}

function writeEnd(write: typeof process.stdout.write, id: number): Promise<void> {
  return new Promise((resolve) => {
    write(`${endOfOutput(id)}\n`, () => {
      resolve();
    });
  });
}
