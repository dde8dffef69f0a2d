/**
 * Settings for every Temporal server that runs Highwater, here and in `deploy/`. As shipped, each shard
 * polls 20 times a second, which puts the blocks of a run on a grid of 50 ms.
 */
export const TEMPORAL_TUNING: Readonly<Record<string, boolean | number>> = {
  'frontend.namespaceRPS.visibility': 1000,
  'history.outboundProcessorMaxPollRPS': 5000,
  'history.timerProcessorMaxPollRPS': 5000,
  'history.transferProcessorMaxPollRPS': 5000,
  'history.visibilityProcessorMaxPollRPS': 5000,
  'system.enableActivityEagerExecution': true,
};
