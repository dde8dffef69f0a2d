import * as z from 'zod';
import { Duration } from './duration.ts';

/** How long things are kept; what is left out is kept for ever. */
export const Retention = z.strictObject({
  runs: Duration.optional().describe('Runs, with everything that hangs on them'),
  logs: Duration.optional().describe('What blocks said'),
  artifacts: Duration.optional().describe('Outputs of blocks, once their run has ended'),
});
export type Retention = z.infer<typeof Retention>;
