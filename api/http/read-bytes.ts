import type { IncomingMessage } from 'node:http';
import { Fault } from '../../runtime/fault.ts';

const MIB = 1024 * 1024;

/**
 * The whole body of a request. Fails with `request.too_large`, and keeps no more of such a body; with
 * `request.invalid` when whoever sends it has gone.
 */
export function readBytes(request: IncomingMessage, mebibytes: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= mebibytes * MIB) chunks.push(chunk);
      else reject(new Fault('request.too_large', `The body is larger than ${mebibytes} MiB`));
    });
    request.on('end', () => {
      resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks));
    });
    request.on('error', (cause) => {
      reject(new Fault('request.invalid', 'The body broke off', { cause }));
    });
  });
}
