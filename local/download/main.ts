import { TestWorkflowEnvironment } from '@temporalio/testing';

// A process of its own, since the SDK's download can be neither watched nor stopped.
const downloadDir = process.argv[2];
if (downloadDir === undefined) throw new Error('Usage: main FOLDER');
const server = { executable: { type: 'cached-download', downloadDir, ttl: '10 years' } } as const;
const environment = await TestWorkflowEnvironment.createLocal({ server });
await environment.teardown();
