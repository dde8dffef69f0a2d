export { runPipeline as default } from './run-pipeline.ts';
export { highwater_backfill } from './highwater-backfill.ts';
export { highwater_maintenance } from './highwater-maintenance.ts';
export { highwater_watch } from './highwater-watch.ts';
