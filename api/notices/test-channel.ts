import { randomUUID } from 'node:crypto';
import { Fault } from '../../runtime/fault.ts';
import type { DeliveryContent } from './content.ts';
import type { Env, NoticePlan } from './notice-plan.ts';
import type { Sent } from './post.ts';
import { sendNotice } from './send-notice.ts';

/** Sends a test through a channel now, once. Fails with `channel.not_found`. */
export async function testChannel(
  plan: NoticePlan | undefined,
  name: string,
  env: Env,
  stopping: AbortSignal,
): Promise<Sent> {
  const channel = plan?.channels.get(name);
  if (!channel) {
    const known = [...(plan?.channels.keys() ?? [])].join(', ') || 'none';
    throw new Fault('channel.not_found', `There is no channel ${name}: known are ${known}`);
  }
  const content = { ...TEST, raised_at: new Date().toISOString() };
  return sendNotice(channel, { messageId: randomUUID(), content }, env, stopping);
}

const TEST: Omit<DeliveryContent, 'raised_at'> = {
  id: null,
  event: 'test',
  kind: 'test',
  severity: 'info',
  subject: null,
  title: 'Test notice',
  message: 'Notices of Highwater arrive here.',
  details: [],
  pipeline: null,
  tags: [],
  run: null,
  count: 1,
};
