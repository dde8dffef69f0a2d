import { setTimeout as delay } from 'node:timers/promises';
import { isAway } from '../../db/away.ts';
import type { Db } from '../../db/database.ts';
import { isRecorded, recordPlanLineage } from '../../db/lineage/plan-lineage.ts';
import { hashOf } from '../../plan/hash.ts';
import type { Compiled } from '../../plan/plan.ts';
import type { Logger } from '../../runtime/log.ts';
import { analysePlan } from './analyse-plan.ts';
import { openSqlParser, type SqlParser } from './parse-sql.ts';
import { placesOf, type PlacesOptions } from './places.ts';

const RETRY_MS = 2_000;
/** To be raised when the same plan would be told of otherwise. */
const ANALYSIS = 1;

export interface RecorderDeps extends PlacesOptions {
  readonly db: Db;
  readonly log: Logger;
}

/** Finds out what registered plans read and write, beside the work: no run waits for it, none fails by it. */
export class LineageRecorder {
  private readonly deps: RecorderDeps;
  private readonly stopping = new AbortController();
  /** By pipeline: the plan that was taken last. */
  private readonly taken = new Map<string, string>();
  private waiting: Compiled[] = [];
  private working: Promise<void> | undefined;

  constructor(deps: RecorderDeps) {
    this.deps = deps;
  }

  /** Takes a plan that was registered, and those of its sub-pipelines. */
  record(compiled: Compiled): void {
    const { pipeline, hash } = compiled.plan;
    if (this.taken.get(pipeline) === hash) return;
    this.taken.set(pipeline, hash);
    compiled.children.forEach((child) => {
      this.record(child);
    });
    this.waiting.push(compiled);
    this.working ??= this.work().finally(() => {
      this.working = undefined;
    });
  }

  /** A pipeline whose file is gone: should it come back, it is looked at again. */
  forget(pipeline: string): void {
    this.taken.delete(pipeline);
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.working;
  }

  /** The engines' parsers are open only while there is something to parse. */
  private async work(): Promise<void> {
    const parser = openSqlParser();
    const { signal } = this.stopping;
    for (let [next] = this.waiting; next && !signal.aborted; [next] = this.waiting) {
      if (await this.try(next, parser)) this.waiting.shift();
      else await delay(RETRY_MS, undefined, { signal }).catch(() => undefined);
    }
    parser.close();
  }

  /** False: the database is away. */
  private async try(compiled: Compiled, parser: SqlParser): Promise<boolean> {
    const { pipeline } = compiled.plan;
    try {
      await this.recordOne(compiled, parser);
    } catch (error) {
      if (isAway(error)) return false;
      this.deps.log.warn({ err: error, pipeline }, 'lineage not found out');
    }
    return true;
  }

  private async recordOne(compiled: Compiled, parser: SqlParser): Promise<void> {
    const { db, log } = this.deps;
    const { plan } = compiled;
    const places = placesOf(plan, this.deps);
    const where = Object.keys(plan.connections).map((name) => places.table(name, ['any']));
    const version = hashOf([ANALYSIS, plan.hash, places.file('any'), where]);
    if (await isRecorded(db, plan.hash, version)) return;
    await recordPlanLineage(db, plan.hash, version, await analysePlan(compiled, parser, places));
    log.debug({ pipeline: plan.pipeline, plan: plan.hash }, 'lineage recorded');
  }
}
