import type { JsonObject } from '../../runtime/json.ts';
import type { CloudEvent, EventReceipt, EventReceipts } from '../contract/event.ts';
import { readEvents, type EventRequest } from './read-events.ts';
import type { ReceiveEvents } from './receive-events.ts';

/** How whoever has sent events is answered. */
export interface Taken {
  /** 202 as soon as they are stored; 200 when all of them were here before. */
  readonly status: 200 | 202;
  /** Of a lone event. */
  readonly location?: string;
  readonly body: EventReceipt | EventReceipts;
}

export async function takeEvents(
  receiveEvents: ReceiveEvents,
  request: EventRequest,
): Promise<Taken> {
  const { events, batched } = readEvents(request);
  const stored = await receiveEvents(events.map(toNewEvent));
  const receipts = events.map(({ id: event_id, source }, at): EventReceipt => {
    const { id, isNew } = stored[at] ?? { id: 0, isNew: false };
    return { id, source, event_id, duplicate: !isNew };
  });
  const status = receipts.every(({ duplicate }) => duplicate) ? 200 : 202;
  const [first] = receipts;
  if (batched || !first) return { status, body: { events: receipts } };
  return { status, location: `/api/events/${first.id}`, body: first };
}

function toNewEvent(event: CloudEvent) {
  const { id: eventId, source, type } = event;
  return { eventId, source, type, body: event as unknown as JsonObject };
}
