import { code, testPool } from './test-pool.ts';

/** A worker to be killed: runs the work that it is given, and prints its log. */
const work = JSON.parse(process.argv[2] ?? '') as ReturnType<typeof code>;
await testPool().run({ work, io: { onLog: (_, message) => process.stdout.write(`${message}\n`) } });
