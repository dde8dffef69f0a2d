import { Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { MARK } from '../process-family.ts';
import type { HostRequest } from '../protocol.ts';
import { send } from './channel.ts';
import { watchEnvironment } from './environment.ts';
import { countChildProcesses } from './leftovers.ts';
import { createServer } from './server.ts';
import { watchParent } from './watchdog.ts';

const REQUESTS = 3;

const parent = Number(process.env['HIGHWATER_HOST_PARENT']);
const memoryBytes = Number(process.env['HIGHWATER_HOST_MEMORY']);
delete process.env['HIGHWATER_HOST_PARENT'];
delete process.env['HIGHWATER_HOST_MEMORY'];

const requests = new Socket({ fd: REQUESTS, readable: true, writable: false });
const watchdog = watchParent(parent, process.env[MARK] ?? '');
const server = createServer({ memoryBytes, environment: watchEnvironment(process) });
countChildProcesses();

createInterface({ input: requests }).on('line', (line) => {
  void server.serve(JSON.parse(line) as HostRequest);
});
requests.on('close', () => {
  watchdog.end();
});
process.on('SIGTERM', () => {
  server.cancel();
});
process.on('uncaughtException', (error) => {
  server.interrupt(error);
});
process.on('unhandledRejection', (reason) => {
  server.interrupt(reason);
});

send({ type: 'ready', pid: process.pid });
