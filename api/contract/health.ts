import * as z from 'zod';

export const Live = z.object({ status: z.literal('live') }).meta({ id: 'Live' });

export const Ready = z
  .object({
    ready: z.boolean(),
    missing: z.array(
      z.object({
        name: z.enum(['database', 'migrations', 'temporal', 'project']),
        message: z.string(),
      }),
    ),
    warnings: z.array(z.string()).describe('Pipelines whose definition is broken'),
  })
  .meta({ id: 'Ready' });
export type Ready = z.infer<typeof Ready>;
