import { untilBack } from '../../db/away.ts';
import type { Db } from '../../db/database.ts';
import type { Channels } from '../../db/channels.ts';
import {
  claimEvents,
  listSchemas,
  OPEN_LINEAGE_CHANNEL,
  postponeEvent,
  removeEvent,
  setEmitting,
  untilNextEvent,
  type ClaimedEvent,
} from '../../db/lineage/open-lineage-events.ts';
import { findPlanLineage } from '../../db/lineage/plan-lineage.ts';
import { within } from '../../runtime/abort.ts';
import type { Logger } from '../../runtime/log.ts';
import { Rounds } from '../../runtime/rounds.ts';
import { noteFailure } from '../note-failure.ts';
import { pauseAfter } from '../notices/pause.ts';
import { post } from '../notices/post.ts';
import { toRunEvent } from './run-event.ts';

const AT_ONCE = 16;
const IDLE_MS = 30_000;
const AWAY_MS = 1_000;
const ANSWER_MS = 10_000;
/** Longer than any attempt: after it the process that made the attempt counts as dead. */
const LEASE_MS = 30_000;

/** Where OpenLineage events go. */
export interface LineageReceiver {
  /** Undefined: nowhere. */
  readonly url: string | undefined;
  readonly apiKey: string | undefined;
  /** The namespace of our jobs. */
  readonly namespace: string;
}

export interface SenderDeps {
  readonly db: Db;
  readonly channels: Channels;
  readonly receiver: LineageReceiver;
  readonly log: Logger;
}

/** Tells another tool of our runs, at least once each, also after it was away. */
export class EventSender {
  private readonly deps: SenderDeps;
  private readonly rounds: Rounds;
  private beginning: Promise<void> = Promise.resolve();

  constructor(deps: SenderDeps) {
    this.deps = deps;
    this.rounds = new Rounds({
      round: () => this.round(),
      everyMs: AWAY_MS,
      failed: noteFailure(deps.log, 'lineage events not looked after'),
    });
  }

  /** The namespace of our own jobs. */
  get namespace(): string {
    return this.deps.receiver.namespace;
  }

  start(): void {
    this.beginning = this.begin();
  }

  async stop(): Promise<void> {
    await Promise.all([this.rounds.stop(), this.beginning]);
  }

  private async begin(): Promise<void> {
    const { db, channels, receiver } = this.deps;
    const { signal } = this.rounds;
    await untilBack(() => setEmitting(db, receiver.url !== undefined), signal).catch(
      () => undefined,
    );
    if (receiver.url === undefined || signal.aborted) return;
    channels.listen(OPEN_LINEAGE_CHANNEL, this.rounds.ring);
    this.rounds.start();
  }

  /** Answers how long there is nothing to do. */
  private async round(): Promise<number> {
    const { db, receiver } = this.deps;
    const { url } = receiver;
    while (url !== undefined && !this.rounds.signal.aborted) {
      const events = await claimEvents(db, AT_ONCE, LEASE_MS);
      if (events.length === 0) break;
      await Promise.all(events.map((event) => this.send(event, url)));
    }
    return Math.min((await untilNextEvent(db)) ?? IDLE_MS, IDLE_MS);
  }

  private async send(event: ClaimedEvent, url: string): Promise<void> {
    const { db, receiver, log } = this.deps;
    const { namespace, apiKey } = receiver;
    const lineage = event.plan === null ? undefined : await findPlanLineage(db, event.plan);
    const schemas = await listSchemas(db, event.execution);
    const body = JSON.stringify(toRunEvent({ event, namespace, lineage, schemas }));
    const headers = apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` };
    const sent = await within(ANSWER_MS, this.rounds.signal, (signal) =>
      post(endpointOf(url), body, headers, signal),
    );
    if (sent.ok) {
      await removeEvent(db, event);
      return;
    }
    const ageMs = Date.now() - event.occurredAt.getTime();
    const { attempt, execution, type } = event;
    const pause = pauseAfter({ attempt, ageMs, retryAfterMs: sent.retryAfterMs });
    await postponeEvent(db, event, sent.error, this.rounds.signal.aborted ? 0 : pause);
    log.warn({ run: execution, event: type, attempt, error: sent.error }, 'lineage event not sent');
  }
}

/** A server alone is asked where OpenLineage's own clients ask it. */
function endpointOf(url: string): string {
  const address = new URL(url);
  if (address.pathname === '/') address.pathname = '/api/v1/lineage';
  return address.href;
}
