import { randomUUID } from 'node:crypto';
import { ScheduleNotFoundError, type Client } from '@temporalio/client';
import { openCleanUp, type CleanUpRecord } from '../../db/maintenance/clean-ups.ts';
import { sumDays } from '../../db/daily-report/sums.ts';
import type { Db } from '../../db/database.ts';
import { retentionOf } from '../../plan/retention.ts';
import type { Project } from '../../project/open-project.ts';
import { canonicalJson } from '../../runtime/json.ts';
import type { Logger } from '../../runtime/log.ts';
import { Rounds } from '../../runtime/rounds.ts';
import type { Temporal } from '../../runtime/temporal.ts';
import type { CleanUpOrder } from '../../workflows/activities.ts';
import { MAINTENANCE_WORKFLOW, maintenanceId } from '../../workflows/maintenance.ts';
import { noteFailure } from '../note-failure.ts';

const ANSWER_MS = 2_000;
const LOOK_EVERY_MS = 60_000;
const AFTER_FAILURE_MS = 5_000;
/** Every night at 03:17 UTC, until somebody changes it in Temporal. */
const NIGHTLY = { calendars: [{ hour: 3, minute: 17, comment: 'every night' }] };
const CATCH_UP = '1 day';

export interface MaintenanceDeps {
  readonly db: Db;
  readonly temporal: Temporal;
  readonly taskQueue: string;
  readonly project: Pick<Project, 'file'>;
  readonly log: Logger;
}

/** Sees to it that clean-ups are scheduled, starts one when asked, and keeps the daily sums up to date. */
export class Maintenance {
  private readonly deps: MaintenanceDeps;
  private readonly rounds: Rounds;
  private summing: Promise<void> | undefined;

  constructor(deps: MaintenanceDeps) {
    this.deps = deps;
    this.rounds = new Rounds({
      round: () => this.ensure(),
      everyMs: AFTER_FAILURE_MS,
      failed: noteFailure(deps.log, 'clean-up not scheduled'),
    });
  }

  start(): void {
    this.rounds.start();
  }

  async stop(): Promise<void> {
    await Promise.all([this.rounds.stop(), this.summing]);
  }

  /** Starts a clean-up now; a worker does it. Fails with `temporal.unavailable`. */
  async cleanUp(dryRun: boolean): Promise<CleanUpRecord> {
    const { db, temporal, taskQueue } = this.deps;
    const workflowId = `${taskQueue}/clean-up/${randomUUID()}`;
    await temporal.ask(ANSWER_MS, (client) =>
      client.workflow.start(MAINTENANCE_WORKFLOW, {
        ...{ taskQueue, workflowId, args: [this.order(dryRun)] },
        staticSummary: dryRun ? 'counts what is too old' : 'removes what is too old',
      }),
    );
    return openCleanUp(db, workflowId, dryRun);
  }

  /** Sums up the days that are over; whoever comes meanwhile waits for the same. */
  async sumUp(): Promise<void> {
    this.summing ??= sumDays(this.deps.db, this.rounds.signal).finally(() => {
      this.summing = undefined;
    });
    await this.summing;
  }

  /** The same, for somebody who has his answer already. */
  sumUpLater(): void {
    void this.sumUp().catch(noteFailure(this.deps.log, 'days not summed up'));
  }

  private async ensure(): Promise<number> {
    await this.deps.temporal.ask(ANSWER_MS, (client) => this.ensureSchedule(client));
    return LOOK_EVERY_MS;
  }

  /** When it runs, and whether it is paused, is for people to say: only what it does is ours. */
  private async ensureSchedule(client: Client): Promise<void> {
    const { taskQueue } = this.deps;
    const scheduleId = maintenanceId(taskQueue);
    const args: [CleanUpOrder] = [this.order(false)];
    const action = {
      ...({ type: 'startWorkflow', workflowType: MAINTENANCE_WORKFLOW } as const),
      ...{ taskQueue, args, workflowId: scheduleId },
      staticSummary: 'removes what is too old',
    };
    const handle = client.schedule.getHandle(scheduleId);
    const found = await handle.describe().catch((error: unknown) => {
      if (error instanceof ScheduleNotFoundError) return undefined;
      throw error;
    });
    if (!found) {
      const policies = { overlap: 'SKIP', catchupWindow: CATCH_UP } as const;
      await client.schedule.create({ scheduleId, spec: NIGHTLY, action, policies });
    } else if (canonicalJson(found.action.args) !== canonicalJson(args)) {
      await handle.update((previous) => ({ ...previous, action }));
    }
  }

  private order(dryRun: boolean): CleanUpOrder {
    const { definition } = this.deps.project.file();
    return { dryRun, defaults: retentionOf([definition?.defaults?.retention]) ?? {} };
  }
}
