import type { Request } from 'express';

/** The path of the page that begins at this cursor, with all else as it was asked for. */
export function nextPage(request: Request, cursor: string): string {
  const url = new URL(request.originalUrl, 'http://localhost');
  url.searchParams.set('cursor', cursor);
  return `${url.pathname}${url.search}`;
}
