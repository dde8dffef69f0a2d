/**
 * Answers why this process is to end, once: a signal, or the end of the process that started it with
 * a channel, so that nothing outlives a supervisor that was killed.
 */
export function untilAsked(): Promise<string> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.once(signal, () => {
        resolve(signal);
      });
    }
    if (!process.channel) return;
    process.once('disconnect', () => {
      resolve('its supervisor is gone');
    });
    process.channel.unref();
  });
}
