import { benchDeploy } from './triggers/deploy.ts';

/** Another measurement is one more line here. */
const MEASUREMENTS = { deploy: benchDeploy };

/** Everything about triggers, one after the other. */
export async function benchTriggers(say: (line: string) => void) {
  const figures = {};
  for (const measure of Object.values(MEASUREMENTS)) Object.assign(figures, await measure(say));
  return figures;
}
