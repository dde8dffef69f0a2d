import { defineConfig } from 'vitest/config';

const UNIT = [
  '{metadata,pipeline,plan,project,runtime,workflows,worker,hosts,artifacts,local,cli,db,api,activities,triggers}/**/*.test.ts',
];

const CHAOS = 'test/chaos/**/*.test.ts';

export default defineConfig({
  test: {
    projects: [
      { test: { name: 'unit', include: UNIT, testTimeout: 20_000 } },
      {
        test: {
          name: 'integration',
          include: ['test/**/*.test.ts'],
          exclude: [CHAOS],
          globalSetup: ['test/support/global-setup.ts'],
          testTimeout: 180_000, // of a busy machine
          hookTimeout: 180_000,
          maxWorkers: 2,
          sequence: { groupOrder: 1 }, // after the fast ones
        },
      },
      {
        test: {
          name: 'chaos',
          include: [CHAOS],
          globalSetup: ['test/support/global-setup.ts'],
          testTimeout: 600_000,
          hookTimeout: 120_000,
          maxWorkers: 1,
        },
      },
    ],
  },
});
