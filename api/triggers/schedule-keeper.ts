import { setTimeout as delay } from 'node:timers/promises';
import { isAway } from '../../db/away.ts';
import { asLeader } from '../../db/runs/open-runs.ts';
import { listTriggers } from '../../db/triggers/triggers.ts';
import type { Project } from '../../project/open-project.ts';
import { Fault } from '../../runtime/fault.ts';
import type { Logger } from '../../runtime/log.ts';
import { CatchUp } from './catch-up.ts';
import { applySteps, compareSchedules, type DeployDeps } from './deploy.ts';
import type { Step } from './deployment.ts';
import { pauseFailing } from './pause.ts';

const EVERY_MS = 3_000;
const COMPARE_EVERY_MS = 60_000;
const LOCK = 726_394_020;
const ASK_AGAIN_MS = 100;

export interface ScheduleKeeperDeps extends DeployDeps {
  readonly project: Pick<Project, 'load'>;
  readonly log: Logger;
}

/**
 * Keeps Temporal's schedules as the rows of triggers say, makes up for what was missed and pauses what fails. One process
 * at a time does it.
 */
export class ScheduleKeeper {
  private readonly deps: ScheduleKeeperDeps;
  private readonly catchUp: CatchUp;
  private readonly stopping = new AbortController();
  private keeping: Promise<void> = Promise.resolve();
  private comparedAt = -Infinity;
  private isStale = true;
  /** Aborted by whoever has changed a trigger. */
  private nap = new AbortController();

  constructor(deps: ScheduleKeeperDeps) {
    this.deps = deps;
    this.catchUp = new CatchUp(deps);
  }

  start(): void {
    this.keeping = this.keep();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.keeping;
  }

  /** Some pipeline was registered: its schedules may be others now. */
  wake(): void {
    this.isStale = true;
    this.nap.abort();
  }

  /** Compares and puts right, now; whoever is at it ends first. Answers what was different. */
  async deploy(): Promise<readonly Step[]> {
    for (;;) {
      const steps = await asLeader(this.deps.db, LOCK, () => this.putRight());
      if (steps) return steps;
      await delay(ASK_AGAIN_MS, undefined, { signal: this.stopping.signal });
    }
  }

  private async putRight(): Promise<readonly Step[]> {
    const { db, project, log } = this.deps;
    const name = project.load().project?.name;
    if (name === undefined) return []; // it says nothing of its schedules
    const triggers = await listTriggers(db, { kind: 'schedule', project: name });
    const comparison = await compareSchedules(this.deps, triggers, name);
    await applySteps(this.deps, comparison);
    for (const { action, scheduleId, detail } of comparison.steps) {
      if (action === 'unchanged') continue;
      log.info(
        { schedule: scheduleId, action, ...(detail !== null && { detail }) },
        'schedule deployed',
      );
    }
    return comparison.steps;
  }

  private async keep(): Promise<void> {
    while (!this.stopping.signal.aborted) {
      if (this.nap.signal.aborted) this.nap = new AbortController();
      await this.round().catch((error: unknown) => {
        this.note(error);
      });
      const signal = AbortSignal.any([this.stopping.signal, this.nap.signal]);
      await delay(EVERY_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  private async round(): Promise<void> {
    const { db, log } = this.deps;
    await asLeader(db, LOCK, async () => {
      if (this.isStale || Date.now() - this.comparedAt >= COMPARE_EVERY_MS) await this.compare();
      for (const { pipeline, name, at } of await this.catchUp.round()) {
        log.info({ pipeline, trigger: name, at }, 'missed fire time made up for');
      }
      for (const { pipeline, name, lastRun } of await pauseFailing(this.deps)) {
        log.warn({ pipeline, trigger: name, run: lastRun }, 'trigger paused: its runs fail');
      }
    });
  }

  /** Whoever wakes it meanwhile, or a failure, makes it compare again. */
  private async compare(): Promise<void> {
    this.isStale = false;
    try {
      await this.putRight();
      this.comparedAt = Date.now();
    } catch (error) {
      this.isStale = true;
      throw error;
    }
  }

  private note(error: unknown): void {
    const expected = error instanceof Fault || isAway(error);
    this.deps.log[expected ? 'debug' : 'error']({ err: error }, 'schedules not kept');
  }
}
