import { defaultPayloadConverter, type Payload } from '@temporalio/common';
import type { Client } from '@temporalio/client';
import type { RunState } from '../../plan/run-state.ts';
import type { BlockOutput, BlockTask } from '../../workflows/activities.ts';

type Event = NonNullable<
  Awaited<ReturnType<ReturnType<Client['workflow']['getHandle']>['fetchHistory']>>['events']
>[number];

/** Of `temporal.api.enums.v1.TimeoutType`. */
const HEARTBEAT = 4;

/** How a block ended by Temporal's own account; undefined attempts: its last one may not have begun. */
export interface BlockTruth {
  /** `lost`: nothing was heard of its last attempt any more. */
  readonly state: RunState | 'lost';
  readonly attempts?: number;
}

export interface RunTruth {
  readonly state: RunState;
  readonly blocks: ReadonlyMap<string, BlockTruth>;
  /** Of the outputs that its blocks left. */
  readonly uris: readonly string[];
}

/** Reads a run's histories, through continue-as-new: what Temporal says of the run and its blocks. */
export async function readTruth(client: Client, workflowId: string): Promise<RunTruth> {
  const described = await client.workflow.getHandle(workflowId).describe();
  const scheduled = new Map<string, Scheduled>();
  const blocks = new Map<string, BlockTruth>();
  const uris: string[] = [];
  let runId = described.raw.workflowExecutionInfo?.firstRunId || described.runId;
  for (;;) {
    const { events } = await client.workflow.getHandle(workflowId, runId).fetchHistory();
    for (const event of events ?? []) {
      note(event, workflowId, scheduled, blocks);
      const { result } = event.activityTaskCompletedEventAttributes ?? {};
      const uri = outputOf(result?.payloads)?.artifact?.uri;
      if (uri !== undefined) uris.push(uri);
    }
    const last = events?.at(-1);
    const next = last?.workflowExecutionContinuedAsNewEventAttributes?.newExecutionRunId;
    if (!next) return { state: closeState(last), blocks, uris };
    runId = next;
    scheduled.clear();
  }
}

interface Scheduled {
  readonly block: string;
  readonly attemptsBefore: number;
  started: number;
}

function note(
  event: Event,
  workflowId: string,
  scheduled: Map<string, Scheduled>,
  blocks: Map<string, BlockTruth>,
): void {
  const asked = event.activityTaskScheduledEventAttributes;
  if (asked) {
    const block = (asked.activityId ?? '').split('#')[0] ?? '';
    const attemptsBefore = taskOf(asked.input?.payloads)?.attemptsBefore ?? 0;
    scheduled.set(String(event.eventId), { block, attemptsBefore, started: 0 });
    blocks.set(block, { state: 'running' });
  }
  const began = event.activityTaskStartedEventAttributes;
  const beginner = scheduled.get(String(began?.scheduledEventId));
  if (began && beginner) beginner.started = began.attempt ?? 0;

  const [state, ending] = activityEnd(event);
  const ended = scheduled.get(String(ending?.scheduledEventId));
  if (state && ended) {
    const attempts = ended.attemptsBefore + ended.started;
    blocks.set(ended.block, { state, ...(state !== 'cancelled' && { attempts }) });
  }

  const [childState, child] = childEvent(event);
  const id = child?.workflowExecution?.workflowId;
  const block = id?.slice(workflowId.length + 1).split('/')[0];
  if (childState && block !== undefined) blocks.set(block, { state: childState });
}

interface Ending {
  readonly scheduledEventId?: unknown;
}

function activityEnd(event: Event): [BlockTruth['state'] | undefined, Ending?] {
  const failed = event.activityTaskFailedEventAttributes;
  const timedOut = event.activityTaskTimedOutEventAttributes;
  const code = failed?.failure?.applicationFailureInfo?.type;
  if (event.activityTaskCompletedEventAttributes) {
    return ['succeeded', event.activityTaskCompletedEventAttributes];
  }
  if (failed) return [code === 'block.timed_out' ? 'timed_out' : 'failed', failed];
  if (timedOut) {
    const heartbeat = Number(timedOut.failure?.timeoutFailureInfo?.timeoutType) === HEARTBEAT;
    return [heartbeat ? 'lost' : 'timed_out', timedOut];
  }
  const cancelled = event.activityTaskCanceledEventAttributes;
  return cancelled ? ['cancelled', cancelled] : [undefined];
}

interface Child {
  readonly workflowExecution?: { readonly workflowId?: string | null } | null;
}

function childEvent(event: Event): [RunState | undefined, (Child | null | undefined)?] {
  const found: [RunState, Child | null | undefined][] = [
    ['running', event.childWorkflowExecutionStartedEventAttributes],
    ['succeeded', event.childWorkflowExecutionCompletedEventAttributes],
    ['failed', event.childWorkflowExecutionFailedEventAttributes],
    ['cancelled', event.childWorkflowExecutionCanceledEventAttributes],
    ['timed_out', event.childWorkflowExecutionTimedOutEventAttributes],
    ['terminated', event.childWorkflowExecutionTerminatedEventAttributes],
  ];
  return found.find(([, attributes]) => attributes) ?? [undefined];
}

function closeState(last: Event | undefined): RunState {
  if (last?.workflowExecutionCompletedEventAttributes) return 'succeeded';
  if (last?.workflowExecutionFailedEventAttributes) return 'failed';
  if (last?.workflowExecutionCanceledEventAttributes) return 'cancelled';
  if (last?.workflowExecutionTerminatedEventAttributes) return 'terminated';
  return last?.workflowExecutionTimedOutEventAttributes ? 'timed_out' : 'running';
}

function taskOf(payloads: readonly Payload[] | null | undefined): BlockTask | undefined {
  const [payload] = payloads ?? [];
  return payload && defaultPayloadConverter.fromPayload<BlockTask>(payload);
}

function outputOf(payloads: readonly Payload[] | null | undefined): BlockOutput | undefined {
  const [payload] = payloads ?? [];
  return payload && defaultPayloadConverter.fromPayload<BlockOutput>(payload);
}
