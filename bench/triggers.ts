import { benchBackfill } from './triggers/backfill.ts';
import { benchDeploy } from './triggers/deploy.ts';
import { benchEvents } from './triggers/events.ts';
import { benchFifty } from './triggers/fifty.ts';
import { benchFire } from './triggers/fire.ts';
import { benchSensors } from './triggers/sensors.ts';

/** Another measurement is one more line here. */
const MEASUREMENTS = {
  deploy: benchDeploy,
  fire: benchFire,
  events: benchEvents,
  sensors: benchSensors,
  backfill: benchBackfill,
  fifty: benchFifty,
};

/** Everything about triggers, one after the other. */
export async function benchTriggers(say: (line: string) => void) {
  const figures = {};
  for (const measure of Object.values(MEASUREMENTS)) Object.assign(figures, await measure(say));
  return figures;
}
