import type { Db } from '../../db/database.ts';
import { reportEnds, type EndAnswer, type ReportedEnd } from '../../db/reports/report-end.ts';
import {
  reportStarts,
  type ReportedStart,
  type StartAnswer,
} from '../../db/reports/report-start.ts';
import { gather } from './gather.ts';

const MOST = 64;
const LANES = 4;

/** Executions that run elsewhere: what is reported at the same time is written together. */
export interface Reports {
  start(start: ReportedStart): Promise<StartAnswer>;
  end(end: ReportedEnd): Promise<EndAnswer>;
}

export function createReports(db: Db): Reports {
  return {
    start: gather((starts) => reportStarts(db, starts), { most: MOST, lanes: LANES }),
    end: gather((ends) => reportEnds(db, ends), {
      ...{ most: MOST, lanes: LANES },
      keyOf: ({ id }) => id,
    }),
  };
}
