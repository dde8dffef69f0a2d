import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { JSON_LINES } from '../../api/contract/json-lines.ts';
import type { Deployment } from '../../api/contract/trigger.ts';
import { packageRoot } from '../../runtime/paths.ts';

const PLAN: Deployment = {
  dry_run: true,
  pipelines: [{ pipeline: 'daily', action: 'create', errors: [] }],
  triggers: [],
};
const FIRST_LINE = `${JSON.stringify({ progress: { what: 'pipelines', done: 1, total: 2 } })}\n`;

/** How the command ends by an API that deploys like this, once it has shown its plan. */
async function deployBy(answer: (response: ServerResponse) => void) {
  const server = createServer((request, response) => {
    if (request.headers.accept === JSON_LINES) answer(response);
    else response.end(JSON.stringify(PLAN));
  }).listen(0, '127.0.0.1');
  try {
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const command = spawn(process.execPath, [join(packageRoot, 'bin/highwater'), 'deploy'], {
      env: { ...process.env, HIGHWATER_API: `http://127.0.0.1:${port}` },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let err = '';
    command.stderr.setEncoding('utf8').on('data', (part: string) => (err += part));
    const [code] = (await once(command, 'close')) as [number | null];
    return { code, err };
  } finally {
    server.close();
  }
}

test.each([
  ['dies between two lines', FIRST_LINE, (response: ServerResponse) => response.destroy()],
  ['dies within a line', `${FIRST_LINE}{"prog`, (response: ServerResponse) => response.destroy()],
  ['ends without a result', FIRST_LINE, (response: ServerResponse) => response.end()],
])('an API that %s is said to have hung up', async (_how, text, leave) => {
  const ended = await deployBy((response) => {
    response.write(text, () => leave(response));
  });
  expect(ended).toEqual({
    code: 1,
    err: 'The API hung up before it had deployed: see that it runs ("highwater status"), then deploy again\n',
  });
});
