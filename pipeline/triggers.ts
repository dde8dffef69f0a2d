import * as z from 'zod';
import { ApiTrigger } from './api-trigger.ts';
import { EventTrigger } from './event-trigger.ts';
import { Key } from './name.ts';
import { Priority } from './priority.ts';
import { ScheduleTrigger } from './schedule-trigger.ts';

export const TRIGGER_KINDS = ['schedule', 'api', 'event'] as const;

/** One of `schedule`, `api` and `event`; `checkTriggers` refuses more and fewer. */
const TriggerDefinition = z.strictObject({
  schedule: ScheduleTrigger.optional().describe('Runs at times that are known before'),
  api: ApiTrigger.optional().describe('Runs when somebody asks over HTTP'),
  event: EventTrigger.optional().describe('Runs when something has happened'),
  params: z
    .record(Key, z.json())
    .optional()
    .describe(
      'Values for the params of the pipeline; ${{ event.… }} and ${{ body.… }} are allowed',
    ),
  priority: Priority.optional().describe('1 goes first, 5 last; 3 when left out'),
  description: z.string().optional(),
});
export type TriggerDefinition = z.infer<typeof TriggerDefinition>;

/** What makes a pipeline run by itself, by name. */
export const Triggers = z.record(Key, TriggerDefinition);
export type Triggers = z.infer<typeof Triggers>;
