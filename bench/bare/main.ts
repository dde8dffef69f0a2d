import { NativeConnection, Worker } from '@temporalio/worker';
import { fileURLToPath } from 'node:url';
import { tuning } from '../../worker/create-worker.ts';

const worker = await Worker.create({
  ...tuning(Number(process.env['HIGHWATER_SLOTS'])),
  connection: await NativeConnection.connect({ address: process.env['TEMPORAL_ADDRESS'] ?? '' }),
  taskQueue: 'bare',
  workflowsPath: fileURLToPath(new URL('./workflows.ts', import.meta.url)),
  activities: { addOne: (value: number) => Promise.resolve(value + 1) },
});
process.send?.('ready');
await worker.run();
