type Setting = boolean | number | string | Readonly<Record<string, number>>;

/**
 * Settings for every Temporal server that runs Highwater, here and in `deploy/`. As shipped, each shard
 * polls 20 times a second, which puts the blocks of a run on a grid of 50 ms; and it remembers 512 KiB of
 * events, so that each block of a fan-out of 1,000 reads the whole batch of them from the database again; and it keeps
 * tasks that are done in memory for 30 s, and once they are 9,000 it goes through all of them for each new one. Server 1.29
 * heeds priorities only with its new matcher, and only within one partition of a task queue. Its
 * schedules start 30 workflows a second, and only two at a time are asked whether it is time, so that of many for
 * the same second the last ones wait.
 */
export const TEMPORAL_TUNING: Readonly<Record<string, Setting>> = {
  'frontend.namespaceRPS.visibility': 1000,
  'history.enableHostLevelEventsCache': true,
  'history.eventsHostLevelCacheMaxSizeBytes': 32 * 1024 * 1024,
  'history.outboundProcessorMaxPollRPS': 5000,
  'history.timerProcessorMaxPollRPS': 5000,
  'history.transferProcessorMaxPollRPS': 5000,
  'history.transferProcessorUpdateAckInterval': '5s',
  'history.visibilityProcessorMaxPollRPS': 5000,
  'matching.numTaskqueueReadPartitions': 1,
  'matching.numTaskqueueWritePartitions': 1,
  'matching.useNewMatcher': true,
  'system.enableActivityEagerExecution': true,
  'worker.perNamespaceWorkerOptions': { MaxConcurrentWorkflowTaskPollers: 20 },
  'worker.schedulerNamespaceStartWorkflowRPS': 200,
};
