import type { Config } from '../runtime/config.ts';

/** What a command finds itself in: the settings, and the environment that they came from. */
export interface Surroundings {
  readonly config: Config;
  readonly env: Record<string, string | undefined>;
}
