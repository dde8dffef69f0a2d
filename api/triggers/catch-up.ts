import type { Client } from '@temporalio/client';
import type { Db } from '../../db/database.ts';
import { recordChange } from '../../db/triggers/changes.ts';
import { installationId } from '../../db/triggers/installation.ts';
import { listUnseen, takeFire, type Fire } from '../../db/triggers/missed-fires.ts';
import { listTriggers, type TriggerRecord } from '../../db/triggers/triggers.ts';
import { lastFireTimes, nextFireTime } from '../../triggers/fire-times.ts';
import type { Schedule } from '../../triggers/schedule.ts';
import type { ScheduleDeps } from './deploy.ts';
import { scheduleIdOf } from './schedule-id.ts';
import { NO_CATCHUP_MS } from './temporal-schedule.ts';

const ANSWER_MS = 5_000;
/** Temporal starts what it missed within its window, and a worker writes the run's row. */
const GRACE_MS = 15_000;

type Latest = TriggerRecord & {
  readonly definition: { readonly kind: 'schedule'; readonly schedule: Schedule };
};

/** So many fire times back one is looked for that was missed: newer ones may have come since. */
const LOOK_BACK = 10;

interface Settled {
  readonly hash: string | null;
  readonly until: number;
}

type MadeUp = Pick<TriggerRecord, 'pipeline' | 'name'> & Pick<Fire, 'at'>;
type Verdict = 'made up' | 'kept' | 'open';

/** Makes up for the newest fire time that each schedule with `catchup: latest` missed, once. */
export class CatchUp {
  private readonly deps: ScheduleDeps;
  /** By trigger: when it has to be looked at again, if its definition is still this one. */
  private readonly settled = new Map<number, Settled>();

  constructor(deps: ScheduleDeps) {
    this.deps = deps;
  }

  /** Answers what it made up for. */
  async round(): Promise<MadeUp[]> {
    const { db } = this.deps;
    const now = new Date();
    const triggers = (await listTriggers(db, { kind: 'schedule' })).filter(isLatest);
    const due = triggers.filter((trigger) => this.isDue(trigger, now));
    const fires = due.flatMap((trigger) => firesOf(trigger, now));
    const unseen = new Map((await listUnseen(db, fires)).map((fire) => [fire.id, fire]));
    const installation = await installationId(db);
    const made: MadeUp[] = [];
    for (const trigger of due) {
      const fire = unseen.get(trigger.id);
      const verdict = fire ? await this.judge(trigger, installation, fire, now) : 'kept';
      if (verdict === 'made up' && fire) made.push({ ...trigger, at: fire.at });
      if (verdict === 'open') this.settled.set(trigger.id, lookAgain(trigger, now));
      else this.settled.set(trigger.id, lookAtNext(trigger, now));
    }
    return made;
  }

  /** While the newest may still be on its way, nobody can say whether it was missed, or an older one. */
  private async judge(
    trigger: Latest,
    installation: string,
    fire: Fire,
    now: Date,
  ): Promise<Verdict> {
    const ageMs = now.getTime() - fire.at.getTime();
    if (ageMs < graceMs(trigger.definition.schedule)) return 'open';
    const id = scheduleIdOf(installation, trigger);
    const verdict = await this.deps.temporal.ask(ANSWER_MS, (client) =>
      judge(client, id, trigger.definition.schedule, fire.at),
    );
    if (verdict !== 'missed') return verdict;
    return (await this.makeUp(trigger, id, fire)) ? 'made up' : 'kept';
  }

  /** Temporal is asked within the transaction: whoever dies between looks first whether the run was started. */
  private makeUp({ pipeline, name }: Latest, scheduleId: string, fire: Fire): Promise<boolean> {
    const { db, temporal } = this.deps;
    return db.transaction().execute(async (tx: Db) => {
      if (!(await takeFire(tx, fire))) return false;
      const details = { at: fire.at.toISOString() };
      const change = { pipeline, trigger: name, action: 'caught up', actor: 'highwater', details };
      await recordChange(tx, change);
      await temporal.ask(ANSWER_MS, (client) =>
        client.schedule.getHandle(scheduleId).backfill(onlyAt(fire.at)),
      );
      return true;
    });
  }

  private isDue({ id, deployedHash }: Latest, now: Date): boolean {
    const settled = this.settled.get(id);
    return settled?.hash !== deployedHash || settled.until <= now.getTime();
  }
}

function lookAtNext({ deployedHash: hash, definition }: Latest, now: Date): Settled {
  const grace = graceMs(definition.schedule);
  const next = nextFireTime(definition.schedule, new Date(now.getTime() - grace));
  return { hash, until: next ? next.getTime() + grace : Infinity };
}

function lookAgain({ deployedHash: hash }: Latest, now: Date): Settled {
  return { hash, until: now.getTime() + GRACE_MS };
}

function isLatest(trigger: TriggerRecord): trigger is Latest {
  const { definition, paused, deployedHash } = trigger;
  if (definition.kind !== 'schedule' || paused || deployedHash === null) return false;
  return definition.schedule.catchup === 'latest';
}

/** Its newest that Temporal starts no more, without those too long ago, or when it was another schedule or paused. */
function firesOf({ id, definition, timesSince }: Latest, now: Date): Fire[] {
  const { schedule } = definition;
  const since = Math.max(timesSince.getTime(), now.getTime() - schedule.catchupWindowMs);
  const until = new Date(now.getTime() - NO_CATCHUP_MS - schedule.jitterMs);
  return lastFireTimes(schedule, until, LOOK_BACK, new Date(since)).map((at) => ({ id, at }));
}

function graceMs({ jitterMs }: Schedule): number {
  return GRACE_MS + jitterMs;
}

/** Temporal leaves out the start of the range, and takes in its end. */
function onlyAt(time: Date) {
  return { start: new Date(time.getTime() - 100), end: time };
}

/** `open`: nobody can say while a run is under way, for which it may have been left out or may wait. */
async function judge(
  client: Client,
  scheduleId: string,
  { overlap }: Schedule,
  at: Date,
): Promise<'missed' | 'kept' | 'open'> {
  const { info, state, raw } = await client.schedule.getHandle(scheduleId).describe();
  const isStarted = info.recentActions.some(
    ({ scheduledAt }) => scheduledAt.getTime() === at.getTime(),
  );
  if (state.paused || isStarted) return 'kept';
  const isOpen =
    overlap === 'skip' ? info.runningActions.length > 0 : Number(raw.info?.bufferSize ?? 0) > 0;
  return isOpen ? 'open' : 'missed';
}
