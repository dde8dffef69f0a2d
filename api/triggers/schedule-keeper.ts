import { setTimeout as delay } from 'node:timers/promises';
import { asLeader } from '../../db/as-leader.ts';
import { listTriggers } from '../../db/triggers/triggers.ts';
import type { Project } from '../../project/open-project.ts';
import type { Logger } from '../../runtime/log.ts';
import { Rounds } from '../../runtime/rounds.ts';
import { noteFailure } from '../note-failure.ts';
import { CatchUp } from './catch-up.ts';
import {
  compareSchedules,
  listSchedules,
  type Compared,
  type Comparison,
} from './compare-schedules.ts';
import { applySteps, type Deployer, type ScheduleDeps } from './deploy.ts';
import { pauseFailing } from './pause.ts';
import { ScheduleLooks } from './schedule-looks.ts';
import { LOCKS } from '../../db/locks.ts';

const EVERY_MS = 3_000;
const COMPARE_EVERY_MS = 60_000;
const ASK_AGAIN_MS = 100;
/** Who changes schedules when nobody has asked for it. */
const ITSELF = 'highwater';
/** So many schedules are looked at closely in passing; a deployment that somebody asks for looks at all. */
const LOOKS = 100;

export interface ScheduleKeeperDeps extends ScheduleDeps {
  readonly project: Pick<Project, 'file'>;
  readonly log: Logger;
}

/**
 * Keeps Temporal's schedules as the rows of triggers say, makes up for what was missed and pauses what fails. One
 * process at a time does it.
 */
export class ScheduleKeeper {
  private readonly deps: ScheduleKeeperDeps;
  private readonly catchUp: CatchUp;
  private readonly looks: ScheduleLooks;
  private readonly rounds: Rounds;
  private comparedAt = -Infinity;
  private isStale = true;

  constructor(deps: ScheduleKeeperDeps) {
    this.deps = deps;
    this.catchUp = new CatchUp(deps);
    this.looks = new ScheduleLooks(deps.temporal);
    this.rounds = new Rounds({
      round: () => this.round(),
      everyMs: EVERY_MS,
      failed: noteFailure(deps.log, 'schedules not kept'),
    });
  }

  start(): void {
    this.rounds.start();
  }

  stop(): Promise<void> {
    return this.rounds.stop();
  }

  /** Some pipeline was registered: its schedules may be others now. */
  wake(): void {
    this.isStale = true;
    this.rounds.ring();
  }

  /** Does the work while nobody else changes schedules; whoever is at it ends first. */
  async alone<Answer>(work: () => Promise<Answer>): Promise<Answer> {
    for (;;) {
      const done = await asLeader(this.deps.db, LOCKS.deployments, async () => ({
        answer: await work(),
      }));
      if (done) return done.answer;
      await delay(ASK_AGAIN_MS, undefined, { signal: this.rounds.signal });
    }
  }

  compare(compared: Compared): Promise<Comparison> {
    return compareSchedules(this.deps, this.looks, compared);
  }

  /** To be called while alone. */
  async apply(comparison: Comparison, deployer: Deployer): Promise<void> {
    await applySteps(this.deps, this.looks, comparison, deployer);
    for (const { action, scheduleId, detail } of comparison.steps) {
      if (action === 'unchanged') continue;
      const details = { schedule: scheduleId, action, ...(detail !== null && { detail }) };
      this.deps.log.info(details, 'schedule deployed');
    }
  }

  private async putRight(): Promise<void> {
    const { db, project } = this.deps;
    const name = project.file().definition?.name;
    if (name === undefined) return; // it says nothing of its schedules
    const triggers = await listTriggers(db, { kind: 'schedule', project: name });
    const listing = await listSchedules(this.deps);
    const comparison = await this.compare({ project: name, triggers, listing, most: LOOKS });
    await this.apply(comparison, { actor: ITSELF });
  }

  private async round(): Promise<void> {
    const { db, log } = this.deps;
    await asLeader(db, LOCKS.deployments, async () => {
      if (this.isStale || Date.now() - this.comparedAt >= COMPARE_EVERY_MS) await this.compareNow();
      for (const { pipeline, name, at } of await this.catchUp.round()) {
        log.info({ pipeline, trigger: name, at }, 'missed fire time made up for');
      }
      for (const { pipeline, name, lastRun } of await pauseFailing(this.deps)) {
        log.warn({ pipeline, trigger: name, run: lastRun }, 'trigger paused: its runs fail');
      }
    });
  }

  /** Whoever wakes it meanwhile, or a failure, makes it compare again. */
  private async compareNow(): Promise<void> {
    this.isStale = false;
    try {
      await this.putRight();
      this.comparedAt = Date.now();
    } catch (error) {
      this.isStale = true;
      throw error;
    }
  }
}
