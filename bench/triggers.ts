import { benchBackfill } from './triggers/backfill.ts';
import { benchDeploy } from './triggers/deploy.ts';
import { benchEvents } from './triggers/events.ts';
import { benchFifty } from './triggers/fifty.ts';
import { benchFire } from './triggers/fire.ts';
import { benchSensors } from './triggers/sensors.ts';

/** Another measurement is one more line here; each can be asked for by its name. */
export const TRIGGER_PARTS = {
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
  for (const measure of Object.values(TRIGGER_PARTS)) Object.assign(figures, await measure(say));
  return figures;
}
