import * as z from 'zod';

/** What every failed request answers, as `application/problem+json` (RFC 9457). */
export const Problem = z
  .object({
    type: z.string().describe('`urn:highwater:` and the code'),
    title: z.string(),
    status: z.int(),
    detail: z.string().describe('What is wrong and how to mend it'),
    code: z.string().describe('A name to rely on, such as `pipeline.not_found`'),
    instance: z.string().describe('The path that was asked for'),
    errors: z
      .array(z.record(z.string(), z.unknown()))
      .optional()
      .describe('The single errors, where there are several'),
  })
  .meta({ id: 'Problem' });
export type Problem = z.infer<typeof Problem>;
