import type { Db } from '../db/database.ts';
import type { PlannedName } from '../db/runs/run-blocks.ts';
import type { RunChannel } from '../db/runs/run-channel.ts';
import type { Hash } from '../plan/plan.ts';
import type { Logger } from '../runtime/log.ts';
import type { Temporal } from '../runtime/temporal.ts';
import type { BackfillKeeper } from './backfills/keeper.ts';
import type { Catalog } from './pipelines/catalog.ts';
import type { Checker } from './standings/checker.ts';
import type { QueueWatch } from './diagnostics/queue-watch.ts';
import type { Dispatcher } from './runs/dispatcher.ts';
import type { EventLoop } from './events/event-loop.ts';
import type { ReceiveEvents } from './events/receive-events.ts';
import type { SourceKeeper } from './events/source-keeper.ts';
import type { EventSender } from './lineage/event-sender.ts';
import type { Doorkeeper } from './limits/doorkeeper.ts';
import type { Links } from './http/links.ts';
import type { Maintenance } from './maintenance/maintenance.ts';
import type { Notifier } from './notices/notifier.ts';
import type { Reconciler } from './runs/reconciler.ts';
import type { Reports } from './watcher/reports.ts';
import type { ScheduleKeeper } from './triggers/schedule-keeper.ts';
import type { WatchKeeper } from './standings/watch-keeper.ts';

/** Everything that routes may use. */
export interface ApiDeps {
  readonly db: Db;
  readonly backfillKeeper: BackfillKeeper;
  /** The blocks that a plan names, in its order. */
  readonly blocksOf: (plan: Hash) => Promise<readonly PlannedName[]>;
  readonly catalog: Catalog;
  readonly channel: RunChannel;
  readonly checker: Checker;
  readonly dispatcher: Dispatcher;
  readonly eventLoop: EventLoop;
  readonly receiveEvents: ReceiveEvents;
  readonly sourceKeeper: SourceKeeper;
  readonly reconciler: Reconciler;
  readonly doorkeeper: Doorkeeper;
  readonly maintenance: Maintenance;
  readonly queueWatch: QueueWatch;
  readonly scheduleKeeper: ScheduleKeeper;
  readonly watchKeeper: WatchKeeper;
  readonly temporal: Temporal;
  readonly taskQueue: string;
  readonly reports: Reports;
  /** Whether a pipeline that is new over HTTP gets a rule for each metric. */
  readonly autoRules: boolean;
  readonly links: Links;
  readonly lineageEvents: EventSender;
  readonly notifier: Notifier;
  /** What `${{ env.NAME }}` sees. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly log: Logger;
  /** Aborted when the process is about to end: whoever waits gets an answer then. */
  readonly stopping: AbortSignal;
}
