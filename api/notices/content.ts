import type { NoticeNews } from '../../db/notices/routing.ts';
import type { NoticeDetail, NoticeEvent, NoticeKind, Severity } from '../../metadata/notice.ts';
import { evaluateNoticeText } from '../../plan/expression.ts';
import type { JsonObject } from '../../runtime/json.ts';

/** What a delivery says; a channel puts it into its own form. */
export interface DeliveryContent {
  /** Absent in a test. */
  readonly id: number | null;
  readonly event: NoticeEvent | 'test';
  readonly kind: NoticeKind | 'test';
  readonly severity: Severity;
  /** The channel's own subject, or null. */
  readonly subject: string | null;
  readonly title: string;
  readonly message: string;
  readonly details: readonly NoticeDetail[];
  readonly pipeline: string | null;
  readonly tags: readonly string[];
  readonly run: number | null;
  readonly count: number;
  readonly raised_at: string;
}

interface Texts {
  readonly subject?: string | undefined;
  readonly message?: string | undefined;
}

export function toContent(
  news: NoticeNews,
  event: NoticeEvent,
  { subject, message }: Texts,
): JsonObject {
  const { id, kind, severity, title, pipeline, tags, run, count } = news;
  const details = news.details.map(({ key, value }) => ({ key, value }));
  const facts = { id, event, kind, severity, title, pipeline, tags, run, count, details };
  const notice = { ...facts, message: news.message };
  return {
    ...facts,
    subject: subject === undefined ? null : fill(subject, notice, title),
    message: message === undefined ? news.message : fill(message, notice, news.message),
    raised_at: news.raisedAt.toISOString(),
  };
}

/** A text that can't be filled in must not keep the notice from anyone. */
function fill(text: string, notice: JsonObject, otherwise: string): string {
  try {
    return evaluateNoticeText(text, { notice });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return `${otherwise} (text not usable: ${reason})`;
  }
}
