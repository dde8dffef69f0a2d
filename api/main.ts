import { readConfig } from '../runtime/config.ts';
import { createLog } from '../runtime/log.ts';
import { startApi } from './start-api.ts';

const config = readConfig(process.env);
const log = createLog('api', config.logLevel);
try {
  const api = await startApi(config, log);
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => void api.stop());
  }
} catch (error) {
  log.fatal({ err: error }, 'API not started');
  process.exit(1);
}
