import { Trigger, TriggerList } from '../api/contract/trigger.ts';
import { Fault } from '../runtime/fault.ts';
import type { ApiClient } from './api-client.ts';

/** By `pipeline/name`, or by number. Fails with `trigger.not_found`. */
export async function findTrigger(client: ApiClient, text: string): Promise<Trigger> {
  const [pipeline = '', name] = text.split('/');
  if (name === undefined) return client.get(`/api/triggers/${encodeURIComponent(text)}`, Trigger);
  const query = new URLSearchParams({ pipeline, name }).toString();
  const { triggers } = await client.get(`/api/triggers?${query}`, TriggerList);
  const [trigger] = triggers;
  if (!trigger) throw new Fault('trigger.not_found', `There is no trigger ${text}`);
  return trigger;
}
