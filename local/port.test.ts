import { expect, test } from 'vitest';
import { claimPort } from './port.ts';

test('a free port is none that an outgoing connection could take before it is listened on', async () => {
  const ports = await Promise.all(
    Array.from({ length: 20 }, () => claimPort(0, 'a test', 'HIGHWATER_PORT')),
  );

  for (const port of ports) {
    expect(port).toBeGreaterThanOrEqual(20_000);
    expect(port).toBeLessThan(32_768);
  }
});
