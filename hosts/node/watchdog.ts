import { Worker } from 'node:worker_threads';
import { MARK } from '../process-family.ts';

const INTERVAL_MS = 250;

/** Runs in a thread of its own, because a block may keep the main thread busy for ever. */
const WATCH = `
  const { readdirSync, readFileSync } = require('node:fs');
  const { parentPort, workerData } = require('node:worker_threads');
  const { parent, mark, interval } = workerData;
  setInterval(() => {
    if (process.ppid !== parent) end();
  }, interval);
  parentPort.once('message', end);

  function end() {
    for (const pid of pids()) endStray(pid);
    process.kill(-process.pid, 'SIGKILL');
  }
  function pids() {
    try {
      return readdirSync('/proc').filter((name) => /^[0-9]+$/.test(name)).map(Number);
    } catch {
      return [];
    }
  }
  function endStray(pid) {
    try {
      const environment = readFileSync('/proc/' + pid + '/environ', 'latin1').split('\\0');
      if (pid !== process.pid && environment.includes(mark)) process.kill(pid, 'SIGKILL');
    } catch {} // it has ended by itself, or is somebody else's
  }
`;

export interface Watchdog {
  /** Ends this process and everything it started. */
  end(): void;
}

/**
 * Ends this process and everything it started as soon as the worker that started it is gone. `mark`: the value
 * that this process was given.
 */
export function watchParent(parent: number, mark: string): Watchdog {
  const workerData = { parent, mark: `${MARK}=${mark}`, interval: INTERVAL_MS };
  const resourceLimits = { maxOldGenerationSizeMb: 8, maxYoungGenerationSizeMb: 2, stackSizeMb: 1 };
  const options = { eval: true, execArgv: [], workerData, resourceLimits, env: {} };
  const thread = new Worker(WATCH, options);
  thread.unref();
  return {
    end() {
      thread.ref(); // nothing else may keep the process until it is ended
      thread.postMessage('end');
    },
  };
}
