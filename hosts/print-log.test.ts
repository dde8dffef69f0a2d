import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { limitLog } from './log-quota.ts';
import { createPrints, LINE_BYTES } from './print-log.ts';
import { endOfOutput } from './protocol.ts';

function reading() {
  const lines: string[] = [];
  const prints = createPrints((text) => lines.push(text));
  return { lines, prints };
}

describe('createPrints', () => {
  it('gives the same lines however the bytes are cut', () => {
    const anyText = fc.array(
      fc.string({ unit: 'grapheme' }).map((text) => text.replaceAll(/[\r\n]/g, ' ')),
    );
    fc.assert(
      fc.property(anyText, fc.array(fc.nat(20)), (expected, cuts) => {
        const { lines, prints } = reading();
        const bytes = Buffer.from(expected.map((line) => `${line}\n`).join(''));
        let at = 0;
        for (const cut of cuts) {
          prints.push(bytes.subarray(at, at + cut));
          at += cut;
        }
        prints.push(bytes.subarray(at));
        expect(lines).toEqual(expected.map((line) => Buffer.from(line).toString()));
      }),
    );
  });

  it('sees the end mark behind a last line without a line feed', async () => {
    const { lines, prints } = reading();
    const ended = prints.ended(3);
    prints.push(Buffer.from(`one\r\ntwo${endOfOutput(3)}\n`));
    await ended;
    expect(lines).toEqual(['one', 'two']);
  });

  it('sees the end mark behind a line that was cut', async () => {
    const { lines, prints } = reading();
    prints.push(Buffer.from('x'.repeat(LINE_BYTES + 1000)));
    prints.push(Buffer.from(`${endOfOutput(3)}\n`));
    await prints.ended(3);
    expect(lines).toEqual([
      `${'x'.repeat(LINE_BYTES)}… (1000 more bytes of this line were dropped)`,
    ]);
  });

  it('adds no line for the end mark alone, and keeps empty lines', async () => {
    const { lines, prints } = reading();
    prints.push(Buffer.from(`\n\n${endOfOutput(1)}\n`));
    await prints.ended(1);
    expect(lines).toEqual(['', '']);
  });

  it('takes only the whole mark of the request for its end', async () => {
    const { lines, prints } = reading();
    let over = false;
    const ended = prints.ended(2).then(() => (over = true));
    prints.push(Buffer.from(`${endOfOutput(1)}\n${endOfOutput(2)}x\n`));
    await Promise.resolve();
    expect(over).toBe(false);
    prints.close();
    await ended;
    expect(lines).toEqual([`${endOfOutput(2)}x`]);
  });
});

describe('limitLog', () => {
  it('passes lines on until there are too many bytes, and says how many were left', () => {
    const lines: string[] = [];
    const { log, end } = limitLog((_, message) => lines.push(message));
    for (let count = 0; count < 10; count += 1) log('info', 'x'.repeat(1024 * 1024));
    end();
    end();
    expect(lines.map((line) => line.length > 1000)).toEqual([true, true, true, true, false]);
    expect(lines[4]).toMatch(/^6 more log lines/);
  });
});
