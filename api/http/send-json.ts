import type { ServerResponse } from 'node:http';

/** Answers without Express; headers that the response has already are kept. */
export function sendJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  type = 'application/json; charset=utf-8',
): void {
  // Node writes text along with the headers, and bytes after them.
  const json = JSON.stringify(body);
  const length = Buffer.byteLength(json);
  response.writeHead(status, { 'Content-Type': type, 'Content-Length': length }).end(json);
}
