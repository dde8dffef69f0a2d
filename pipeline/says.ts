/** Gives a zod check its own error code; `saidIn` takes the two apart again. */
export function says(code: string, message: string): { error: string } {
  return { error: `${code}: ${message}` };
}

/** A zod message with its code; no code for one that `says` did not write. */
export function saidIn(text: string): { readonly code?: string; readonly message: string } {
  const [, code, message] = /^([a-z_]+\.[a-z_]+): (.*)$/s.exec(text) ?? [];
  return code === undefined || message === undefined ? { message: text } : { code, message };
}
