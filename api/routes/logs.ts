import { setTimeout as delay } from 'node:timers/promises';
import { Router, type Response } from 'express';
import type { Db } from '../../db/database.ts';
import { listLogLines, type LogFilter, type LogRecord } from '../../db/runs/run-logs.ts';
import { getRun } from '../../db/runs/runs.ts';
import { didYouMean } from '../../pipeline/did-you-mean.ts';
import { isClosed } from '../../plan/run-state.ts';
import { Fault } from '../../runtime/fault.ts';
import { LogsQuery, type LogLine, type LogPage } from '../contract/log.ts';
import type { ApiDeps } from '../deps.ts';
import { only } from '../http/method.ts';
import { parse, parseRunId } from '../http/parse.ts';
import { untilGone } from '../http/until-gone.ts';

const PAGE = 500;
const SHOWN_NAMES = 20;
const LOOK_EVERY_MS = 250;
/** A worker sends its last lines at about the time at which it reports the end. */
const LINGER_MS = 2_000;

/** With `wait` the answer comes as soon as there is a line, so that a caller can follow a run. */
export function logRoutes(deps: ApiDeps): Router {
  const { db, stopping } = deps;
  const router = Router();
  router
    .route('/runs/:id/logs')
    .get(async (request, response: Response<LogPage>) => {
      const id = parseRunId(request.params.id);
      const { wait = 0, ...query } = parse(LogsQuery, request.query, 'query');
      const filter = { ...query, after: query.after ?? 0, limit: query.limit ?? PAGE };
      const until = Date.now() + wait;
      const signal = untilGone(response, stopping);
      let page = await readPage(db, id, filter);
      if (filter.block !== undefined) await requireBlock(deps, id, filter.block);
      while (page.lines.length === 0 && page.more && Date.now() < until && !signal.aborted) {
        await delay(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined);
        page = await readPage(db, id, filter);
      }
      response.json(page);
    })
    .all(only('GET'));
  return router;
}

async function requireBlock({ db, blocksOf }: ApiDeps, id: number, block: string): Promise<void> {
  const { plan } = await getRun(db, id);
  const names = plan === null ? [] : (await blocksOf(plan)).map(({ name }) => name);
  if (names.length === 0 || names.includes(block)) return;
  const hint = didYouMean(block, names) || `: it has ${names.slice(0, SHOWN_NAMES).join(', ')}`;
  throw new Fault('request.invalid', `Run ${id} has no block ${block}${hint}`);
}

/** The state is read before the lines: a run that had ended then will add none. */
async function readPage(db: Db, id: number, filter: LogFilter): Promise<LogPage> {
  const { state, finished_at } = await getRun(db, id);
  const lines = await listLogLines(db, id, filter);
  const settled = isClosed(state) && Date.now() - (finished_at?.getTime() ?? 0) > LINGER_MS;
  return {
    lines: lines.map(toLine),
    after: lines.at(-1)?.id ?? filter.after,
    more: lines.length === filter.limit || !settled,
  };
}

function toLine(line: LogRecord): LogLine {
  return {
    ...line,
    fields: line.fields && { ...line.fields },
    logged_at: line.logged_at.toISOString(),
  };
}
