import { Worker } from 'node:worker_threads';

const INTERVAL_MS = 250;

/** Runs in a thread of its own, because a block may keep the main thread busy for ever. */
const WATCH = `
  const { parent, interval } = require('node:worker_threads').workerData;
  setInterval(() => {
    if (process.ppid !== parent) process.kill(-process.pid, 'SIGKILL');
  }, interval);
`;

/** Ends this process and everything it started as soon as the worker that started it is gone. */
export function watchParent(parent: number): void {
  const workerData = { parent, interval: INTERVAL_MS };
  const resourceLimits = { maxOldGenerationSizeMb: 8, maxYoungGenerationSizeMb: 2, stackSizeMb: 1 };
  const options = { eval: true, execArgv: [], workerData, resourceLimits, env: {} };
  new Worker(WATCH, options).unref();
}
