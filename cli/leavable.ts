/** Ctrl-C, as shells say it. */
const INTERRUPTED = 130;

/** Waits; on Ctrl-C the command ends, and says what goes on without it and how to stop that. */
export async function leavable<T>(goesOn: string, wait: () => Promise<T>): Promise<T> {
  const leave = () => {
    process.stderr.write(`\n${goesOn}\n`);
    process.exit(INTERRUPTED);
  };
  process.once('SIGINT', leave);
  try {
    return await wait();
  } finally {
    process.off('SIGINT', leave);
  }
}
