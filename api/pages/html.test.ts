import { expect, test } from 'vitest';
import { html, table, type Html } from './html.ts';

const EVIL = `<script>alert("x")</script>&'`;

test('values are text, whatever they hold', () => {
  expect(html`<p title="${EVIL}">${EVIL}</p>`.text).toBe(
    '<p title="&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;&amp;&#39;">' +
      '&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;&amp;&#39;</p>',
  );
});

test('pieces go into each other as they are; null is nothing', () => {
  const items = [1, 2].map((n) => html`<li>${n}</li>`);
  expect(
    tight(
      html`<ul>
        ${items}${null}
      </ul>`,
    ),
  ).toBe('<ul><li>1</li><li>2</li></ul>');
});

test('a table escapes its titles and its cells', () => {
  const text = tight(table([EVIL], [[EVIL, 1234.5, html`<b>bold</b>`]]));
  expect(text).not.toContain('<script>');
  expect(text).toContain('<td class="number">1,234.5</td>');
  expect(text).toContain('<td><b>bold</b></td>');
});

/** Without the white space beside tags. */
function tight({ text }: Html): string {
  return text.replace(/\s*([<>])\s*/g, '$1');
}
