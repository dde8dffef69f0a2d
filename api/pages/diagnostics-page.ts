import { isRecord } from '../../runtime/json.ts';
import {
  PARTS,
  type Diagnostics,
  type DiagnosticsPart,
  type Part,
} from '../contract/diagnostics.ts';
import { document, html, table, type Html } from './html.ts';

/** All parts on one page, the findings first. */
export function diagnosticsPage(diagnostics: Diagnostics): Html {
  return document(
    'Diagnostics',
    html`<nav>${PARTS.map((part) => html`<a href="#${part}">${part}</a>`)}</nav>
      ${PARTS.map((part) => partView(part, diagnostics))}`,
  );
}

/** One part: what is to be said about it, and the facts as tables. */
export function partView(part: Part, { findings, [part]: facts }: DiagnosticsPart): Html {
  const own = findings.filter((finding) => finding.part === part);
  const said =
    own.length === 0
      ? html`<p class="ok">Nothing is wrong here.</p>`
      : own.map(({ level, message }) => html`<p class="${level}">${level}: ${message}</p>`);
  return html`<section id="${part}">
    <h2>${part}</h2>
    ${said}${viewOf(facts)}
  </section>`;
}

/** Single values in one table, each list in a table of its own. */
function viewOf(facts: unknown): Html {
  const entries = Object.entries(isRecord(facts) ? facts : {});
  const [lists, values] = [
    entries.filter(([, value]) => Array.isArray(value)),
    entries.filter(([, value]) => !Array.isArray(value)),
  ];
  return html`${table(
    ['', ''],
    values.map(([name, value]) => [title(name), cellOf(value)]),
  )}
  ${lists.map(
    ([name, rows]) =>
      html`<h3>${title(name)}</h3>
        ${listView(rows as unknown[])}`,
  )}`;
}

function listView(rows: readonly unknown[]): Html {
  const records = rows.filter(isRecord);
  if (records.length === 0) return html`<p>none</p>`;
  const columns = Object.keys(records[0] ?? {});
  return table(
    columns.map(title),
    records.map((record) => columns.map((column) => cellOf(record[column]))),
  );
}

function cellOf(value: unknown): string | number {
  if (typeof value === 'number') return value;
  if (value === null || value === undefined) return '–';
  return typeof value === 'string' ? value : plain(value);
}

/** `median 1, slowest 3` */
function plain(value: unknown): string {
  if (Array.isArray(value)) return value.map(plain).join('; ');
  if (!isRecord(value)) return String(value);
  const parts = Object.entries(value).map(([name, inner]) => `${title(name)} ${plain(inner)}`);
  return parts.join(', ');
}

function title(name: string): string {
  return name.replaceAll('_', ' ');
}
