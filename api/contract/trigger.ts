import * as z from 'zod';
import { DefinitionError } from './pipeline.ts';
import { Problem } from './problem.ts';
import { ActorIfSaid } from './actor.ts';
import { Time } from './time.ts';

const MOMENT = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d))?$/;

export const Trigger = z
  .object({
    id: z.int(),
    pipeline: z.string(),
    name: z.string(),
    kind: z.enum(['schedule', 'api', 'event']),
    description: z.string().nullable(),
    paused: z.boolean(),
    note: z.string().nullable().describe('What whoever paused or resumed it wrote'),
    definition: z.record(z.string(), z.unknown()).describe('As it was compiled from its file'),
    next: Time.nullable().describe('When a schedule fires next; null while it is paused'),
    deployed: z.boolean().nullable().describe('Whether Temporal knows a schedule as it is now'),
    created_at: Time,
    updated_at: Time,
  })
  .meta({ id: 'Trigger' });
export type Trigger = z.infer<typeof Trigger>;

export const LeftOut = z
  .object({
    overlap: z.int().describe('They came while a run was under way'),
    catchup_window: z.int().describe('Temporal was down then, and came back too late for them'),
  })
  .meta({ id: 'LeftOut' });
export type LeftOut = z.infer<typeof LeftOut>;

export const TriggerDetail = Trigger.extend({
  left_out: LeftOut.nullable().describe(
    'How many fire times of a schedule Temporal has let pass since it has it; null when it does not say',
  ),
}).meta({ id: 'TriggerDetail' });
export type TriggerDetail = z.infer<typeof TriggerDetail>;

export const TriggerList = z.object({ triggers: z.array(Trigger) }).meta({ id: 'TriggerList' });
export type TriggerList = z.infer<typeof TriggerList>;

export const TriggersQuery = z.strictObject({
  pipeline: z.string().min(1).optional(),
  name: z.string().min(1).optional(),
  kind: z.enum(['schedule', 'api', 'event']).optional(),
});

export const NextQuery = z.strictObject({
  count: z.coerce.number().int().min(1).max(1000).optional().describe('10 when left out'),
  after: z
    .string()
    .regex(MOMENT, {
      error: 'must be a day in UTC, or a time such as 2026-10-24T00:00Z',
      abort: true,
    })
    .refine((text) => !Number.isNaN(Date.parse(text)), 'there is no such time')
    .optional()
    .describe('Now, when left out'),
});

export const NextFires = z
  .object({
    timezone: z.string(),
    paused: z.boolean().describe('None of them comes while it is paused'),
    fires: z.array(
      z.object({
        at: Time.describe('Without jitter'),
        interval_start: Time.nullable(),
        interval_end: Time.nullable(),
      }),
    ),
  })
  .meta({ id: 'NextFires' });
export type NextFires = z.infer<typeof NextFires>;

export const PauseRequest = z
  .strictObject({
    actor: ActorIfSaid,
    note: z.string().min(1).max(1000).optional().describe('Why; it is kept on record'),
  })
  .meta({ id: 'PauseRequest' });

export const StartRequest = z.strictObject({ actor: ActorIfSaid }).meta({ id: 'StartRequest' });

const TriggerChange = z
  .object({
    id: z.int(),
    action: z.string(),
    actor: z.string(),
    details: z.record(z.string(), z.unknown()),
    changed_at: Time,
  })
  .meta({ id: 'TriggerChange' });

export const TriggerChanges = z
  .object({ changes: z.array(TriggerChange).describe('The newest first') })
  .meta({ id: 'TriggerChanges' });
export type TriggerChanges = z.infer<typeof TriggerChanges>;

export const DeploymentRequest = z
  .strictObject({
    dry_run: z.boolean().optional().describe('Only tell what would be done'),
    actor: ActorIfSaid,
  })
  .meta({ id: 'DeploymentRequest' });

export const Deployment = z
  .object({
    dry_run: z.boolean(),
    pipelines: z.array(
      z.object({
        pipeline: z.string(),
        action: z
          .enum(['create', 'update', 'unchanged', 'delete', 'broken'])
          .describe('`broken`: the file cannot be used'),
        kept: z
          .boolean()
          .optional()
          .describe('Of a broken one: whether there is a last good version, which stays'),
        errors: z.array(DefinitionError),
      }),
    ),
    triggers: z.array(
      z.object({
        pipeline: z.string(),
        trigger: z.string(),
        kind: z.string(),
        action: z
          .enum(['create', 'update', 'unchanged', 'delete', 'drift'])
          .describe('`drift`: it was changed in Temporal, and is put right'),
        detail: z.string().nullable(),
      }),
    ),
  })
  .meta({ id: 'Deployment' });
export type Deployment = z.infer<typeof Deployment>;

export const DeploymentProgress = z
  .object({
    what: z.enum(['pipelines', 'schedules']),
    done: z.int(),
    total: z.int().describe('Those that are different'),
  })
  .meta({ id: 'DeploymentProgress' });
export type DeploymentProgress = z.infer<typeof DeploymentProgress>;

export const DeploymentLine = z
  .union([
    z.object({ progress: DeploymentProgress }),
    z.object({ deployment: Deployment }),
    z.object({ problem: Problem }),
  ])
  .meta({ id: 'DeploymentLine' });
export type DeploymentLine = z.infer<typeof DeploymentLine>;
