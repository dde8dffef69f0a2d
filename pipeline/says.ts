/** Gives a zod check its own error code; `translate-issue.ts` takes the two apart again. */
export function says(code: string, message: string): { error: string } {
  return { error: `${code}: ${message}` };
}
