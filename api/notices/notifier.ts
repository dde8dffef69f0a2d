import { untilBack } from '../../db/away.ts';
import type { Db } from '../../db/database.ts';
import type { Channels } from '../../db/channels.ts';
import {
  claimDelivery,
  markDelivered,
  markFailed,
  untilNextDue,
  type ClaimedDelivery,
} from '../../db/notices/deliveries.ts';
import { routeRaised } from '../../db/notices/routing.ts';
import { NOTICE_CHANNEL } from '../../db/notices/notices.ts';
import type { Logger } from '../../runtime/log.ts';
import { Rounds } from '../../runtime/rounds.ts';
import { noteFailure } from '../note-failure.ts';
import type { DeliveryContent } from './content.ts';
import type { Env, NoticePlan } from './notice-plan.ts';
import { pauseAfter } from './pause.ts';
import type { Sent } from './post.ts';
import { sendNotice } from './send-notice.ts';
import { tell } from './tell.ts';
import { testChannel } from './test-channel.ts';

const IDLE_MS = 5_000;
const AWAY_MS = 1_000;
/** Longer than any attempt: after it the process that made the attempt counts as dead. */
const LEASE_MS = 20_000;
/** A receiver that does not answer holds up its own channel only. */
const LANES = 16;
const LANES_OF_CHANNEL = 4;
const GRACE_MS = 3_000;

export interface NotifierDeps {
  readonly db: Db;
  readonly channels: Channels;
  readonly plans: () => NoticePlan | undefined;
  readonly env: Env;
  readonly log: Logger;
}

/** Routes what was raised and delivers it; any number of processes may do so side by side. */
export class Notifier {
  private readonly deps: NotifierDeps;
  private readonly rounds: Rounds;
  /** Aborted when attempts under way have had their time to end. */
  private readonly cutting = new AbortController();
  private readonly sending = new Map<number, { channel: string; done: Promise<void> }>();
  private held = false;

  constructor(deps: NotifierDeps) {
    this.deps = deps;
    this.rounds = new Rounds({
      round: () => this.round(),
      everyMs: AWAY_MS,
      failed: noteFailure(deps.log, 'notices not looked after'),
    });
  }

  start(): void {
    this.deps.channels.listen(NOTICE_CHANNEL, this.rounds.ring);
    this.rounds.start();
  }

  async stop(): Promise<void> {
    const cut = setTimeout(() => {
      this.cutting.abort();
    }, GRACE_MS);
    await this.rounds.stop();
    await Promise.all([...this.sending.values()].map(({ done }) => done));
    clearTimeout(cut);
  }

  /** Sends a test through a channel now, once. Fails with `channel.not_found`. */
  test(channel: string): Promise<Sent> {
    const { plans, env } = this.deps;
    return testChannel(plans(), channel, env, this.rounds.signal);
  }

  /** Answers how long there is nothing to do. */
  private async round(): Promise<number> {
    const { db, plans } = this.deps;
    const plan = plans();
    this.hold(plan === undefined);
    if (plan) while (await routeRaised(db, (news) => tell(news, plan)));
    while (this.sending.size < LANES && (await this.sendNext(plan)));
    return Math.min((await untilNextDue(db)) ?? IDLE_MS, IDLE_MS);
  }

  private hold(held: boolean): void {
    if (held && !this.held) this.deps.log.error('notices wait until highwater.yaml is mended');
    this.held = held;
  }

  private async sendNext(plan: NoticePlan | undefined): Promise<boolean> {
    if (this.rounds.signal.aborted) return false;
    const claim = await claimDelivery(this.deps.db, this.busyChannels(), LEASE_MS);
    if (!claim) return false;
    const done = this.deliver(claim, plan)
      .catch((error: unknown) => {
        this.deps.log.error({ err: error, delivery: claim.id }, 'delivery not recorded');
      })
      .finally(() => {
        this.sending.delete(claim.id);
        this.rounds.ring();
      });
    this.sending.set(claim.id, { channel: claim.channel, done });
    return true;
  }

  private busyChannels(): string[] {
    const names = [...this.sending.values()].map(({ channel }) => channel);
    const isBusy = (name: string) =>
      names.filter((other) => other === name).length >= LANES_OF_CHANNEL;
    return [...new Set(names)].filter(isBusy);
  }

  private async deliver(claim: ClaimedDelivery, plan: NoticePlan | undefined): Promise<void> {
    const { db, env, log } = this.deps;
    const { signal } = this.cutting;
    const { messageId, channel: name, attempt, notice } = claim;
    const channel = plan?.channels.get(name);
    const content = claim.content as unknown as DeliveryContent;
    const sent = channel
      ? await sendNotice(channel, { messageId, content }, env, signal)
      : noSuchChannel(name);
    if (sent.ok) {
      await untilBack(() => markDelivered(db, claim, sent.note), signal);
      log.info({ notice, channel: name, attempt }, 'notice delivered');
      return;
    }
    const { retryAfterMs } = sent;
    const ageMs = Date.now() - claim.createdAt.getTime();
    const pause = signal.aborted ? 0 : pauseAfter({ attempt, ageMs, retryAfterMs });
    const record = () => markFailed(db, claim, sent.error, pause);
    await (signal.aborted ? record() : untilBack(record, signal));
    log.warn({ notice, channel: name, attempt, error: sent.error }, outcomeOf(pause));
  }
}

function noSuchChannel(name: string): Sent {
  const error = `there is no channel "${name}" in highwater.yaml`;
  return { ok: false, error, retryAfterMs: null };
}

function outcomeOf(pause: number | null): string {
  return pause === null ? 'notice given up' : 'notice not delivered; will be tried again';
}
