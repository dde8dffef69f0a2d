import type { Response } from 'express';

/** Text that is HTML already; everything else is escaped. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

type Part = Html | readonly Part[] | string | number | null;

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Puts values between pieces of HTML: lists one after the other, null as nothing. */
export function html(pieces: TemplateStringsArray, ...values: readonly Part[]): Html {
  return new Html(String.raw({ raw: pieces }, ...values.map(toText)));
}

/** Browsers get everything with the page itself: nothing is loaded, nothing is run. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'";

export function sendPage(response: Response, page: Html): void {
  response.set('Content-Security-Policy', POLICY).type('html').send(page.text);
}

/** A whole page with our looks. */
export function document(title: string, body: Html): Html {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title} · Highwater</title>
        <style>
          ${STYLE}
        </style>
      </head>
      <body>
        <h1>${title}</h1>
        ${body}
      </body>
    </html> `;
}

/** A table; cells that are numbers stand to the right. */
export function table(head: readonly string[], rows: readonly (readonly Part[])[]): Html {
  return html`<table>
    <thead>
      <tr>
        ${head.map((title) => html`<th>${title}</th>`)}
      </tr>
    </thead>
    <tbody>
      ${rows.map(
        (row) =>
          html`<tr>
            ${row.map(cell)}
          </tr>`,
      )}
    </tbody>
  </table>`;
}

function cell(value: Part): Html {
  if (typeof value !== 'number') return html`<td>${value}</td>`;
  return html`<td class="number">
    ${value.toLocaleString('en-US', { maximumFractionDigits: 4 })}
  </td>`;
}

function toText(part: Part): string {
  if (part instanceof Html) return part.text;
  if (part === null) return '';
  if (typeof part === 'object') return part.map(toText).join('');
  return String(part).replace(/[&<>"']/g, (character) => ESCAPES[character] ?? character);
}

const STYLE = new Html(`
  :root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif; }
  body { max-width: 80rem; margin: 2rem auto; padding: 0 1rem; }
  table { border-collapse: collapse; width: 100%; margin: 0.5rem 0 1.5rem; }
  th, td { text-align: left; padding: 0.3rem 0.8rem 0.3rem 0; border-bottom: 1px solid #8884;
    vertical-align: top; overflow-wrap: anywhere; }
  .number { text-align: right; font-variant-numeric: tabular-nums; }
  form, nav { display: flex; flex-wrap: wrap; gap: 1rem; align-items: end; margin: 1rem 0; }
  label { display: grid; }
  .error { color: #c62828; } .warning { color: #b26a00; } .ok { color: #2e7d32; }
`);
