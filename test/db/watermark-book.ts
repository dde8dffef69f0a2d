import { sql } from 'kysely';
import { closeRun } from '../../db/runs/close-run.ts';
import type { Db } from '../../db/database.ts';
import { startRun } from '../../db/runs/open-run.ts';
import { setWatermark } from '../../db/watermarks/watermarks.ts';
import type { ClosedState } from '../../plan/run-state.ts';
import type { Delivered, Watermark } from '../../workflows/activities.ts';
import type { Book } from '../support/watermark-world.ts';

/** One pipeline in Postgres, whose runs open and end as the engine does it, without a workflow. */
export interface Ledger {
  readonly pipelineId: number;
  open(fullLoad?: boolean): Promise<OpenRun>;
  /** Answers whether it was this call that ended it. */
  end(run: OpenRun, end: End): Promise<boolean>;
  set(value: string | null): Promise<void>;
  watermark(): Promise<string | null>;
  /** What is on record, the oldest first: `from → to`, or why it stayed. */
  history(): Promise<string[]>;
}

export interface OpenRun {
  readonly id: number;
  readonly watermark: string | null;
}

export interface End {
  readonly state?: ClosedState;
  readonly next?: Watermark | null;
  readonly delivered?: Delivered;
}

export async function openLedger(db: Db): Promise<Ledger> {
  const { rows } = await sql<{ id: number }>`
    with type as (
      insert into pipeline_type (name) values (gen_random_uuid()) returning id
    )
    insert into pipeline (name, pipeline_type_id) select gen_random_uuid(), id from type
    returning id`.execute(db);
  const pipelineId = rows[0]?.id ?? 0;
  return {
    pipelineId,
    async open(fullLoad = false) {
      const { rows: inserted } = await sql<{ id: number }>`
        insert into pipeline_execution (pipeline_id, state, workflow_id, trigger_kind, full_load)
        values (${pipelineId}, 'queued', gen_random_uuid(), 'api', ${fullLoad}) returning id`.execute(
        db,
      );
      const run = await startRun(db, inserted[0]?.id ?? 0, 'first');
      if (!run) throw new Error('The run is gone');
      return run;
    },
    end: (run, { state = 'succeeded', next = null, delivered }) =>
      closeRun(db, {
        executionId: run.id,
        state,
        error: null,
        watermark: next,
        blocks: [{ name: 'a', state: 'succeeded', attempt: 1, ...(delivered && { delivered }) }],
      }),
    async set(value) {
      await db
        .transaction()
        .execute((tx) => setWatermark(tx, { pipelineId, value, actor: 'ada', reason: 'a test' }));
    },
    async watermark() {
      const row = await db
        .selectFrom('pipeline')
        .select('watermark')
        .where('id', '=', pipelineId)
        .executeTakeFirstOrThrow();
      return row.watermark;
    },
    async history() {
      const changes = await db
        .selectFrom('watermark_change')
        .selectAll()
        .where('pipeline_id', '=', pipelineId)
        .orderBy('id')
        .execute();
      return changes.map(({ from_value, to_value, moved, reason }) =>
        moved ? `${from_value} → ${to_value}` : reason,
      );
    },
  };
}

export function number(value: number): Watermark {
  return { value: String(value), type: 'number' };
}

/** Keeps the watermark of a world of rows in Postgres. */
export function bookOf(ledger: Ledger): Book {
  const runs = new Map<number, OpenRun>();
  const find = (id: number) => {
    const run = runs.get(id);
    if (!run) throw new Error(`No run ${id}`);
    return run;
  };
  const asNumber = (text: string | null) => (text === null ? null : Number(text));
  return {
    async open(id, fullLoad) {
      const run = await ledger.open(fullLoad);
      runs.set(id, run);
      return asNumber(run.watermark);
    },
    async succeed(id, { next }) {
      await ledger.end(find(id), { next: next === null ? null : number(next) });
    },
    async fail(id) {
      await ledger.end(find(id), { state: 'failed', next: number(9_999) });
    },
    set: (value) => ledger.set(value === null ? null : String(value)),
    read: async () => asNumber(await ledger.watermark()),
  };
}
