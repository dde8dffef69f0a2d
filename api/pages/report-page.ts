import type { MetricsPage, MetricsQuery } from '../watcher/contract/reporting.ts';
import { document, html, table, type Html } from './html.ts';

export interface ReportView {
  readonly query: MetricsQuery;
  readonly metrics: MetricsPage;
  /** What may be chosen. */
  readonly pipelines: readonly string[];
  readonly types: readonly string[];
}

const HEAD = [
  ...['Date', 'Pipeline', 'Type', 'Executions', 'Failed', 'Error Rate', 'Inserts', 'Updates'],
  ...['Deletes', 'Total Rows', 'Avg Duration (s)', 'Throughput'],
];

/** The daily report with its filters, as a page that needs no script. */
export function reportPage({ query, metrics, pipelines, types }: ReportView): Html {
  const rows = metrics.data.map((row) => [
    ...[row.date_recorded, row.pipeline_name, row.pipeline_type_name],
    ...[row.total_executions, row.failed_executions, `${row.error_percentage} %`],
    ...[row.daily_inserts, row.daily_updates, row.daily_soft_deletes, row.daily_total_rows],
    ...[row.avg_duration_seconds, row.daily_throughput],
  ]);
  return document(
    'Daily report',
    html`<form method="get">
        ${choice('Type', 'pipeline_type_name', types, query.pipeline_type_name)}
        ${choice('Pipeline', 'pipeline_name', pipelines, query.pipeline_name)}
        ${number('Days', 'days', query.days, 30)}
        ${number('Rows a page', 'page_size', query.page_size, 1000)}
        <button>Show</button>
      </form>
      ${table(HEAD, rows)} ${pager(query, metrics)}`,
  );
}

function choice(
  title: string,
  name: string,
  options: readonly string[],
  chosen: string | undefined,
): Html {
  const picked = html` selected`;
  return html`<label
    >${title}
    <select name="${name}">
      <option value="">all</option>
      ${options.map(
        (option) =>
          html`<option value="${option}" ${option === chosen ? picked : null}>${option}</option>`,
      )}
    </select>
  </label>`;
}

function number(title: string, name: string, value: number, most: number): Html {
  return html`<label
    >${title} <input type="number" name="${name}" value="${value}" min="1" max="${most}"
  /></label>`;
}

function pager(query: MetricsQuery, { pagination }: MetricsPage): Html {
  const { page, total_pages: pages, total_records: total, has_next, has_prev } = pagination;
  const link = (title: string, to: number, isThere: boolean) =>
    isThere ? html`<a href="?${queryOf({ ...query, page: to })}">${title}</a>` : html`${title}`;
  return html`<nav>
    ${link('first', 1, has_prev)} ${link('previous', page - 1, has_prev)}
    <span>page ${page} of ${Math.max(pages, 1)}, ${total} rows</span>
    ${link('next', page + 1, has_next)} ${link('last', pages, has_next)}
  </nav>`;
}

function queryOf(query: MetricsQuery): string {
  const given = Object.entries(query).map(([name, value]) => [name, String(value)]);
  return new URLSearchParams(Object.fromEntries(given) as Record<string, string>).toString();
}
