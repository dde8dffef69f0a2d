import { readConfig } from '../runtime/config.ts';
import { untilAsked } from '../runtime/lifetime.ts';
import { createLog } from '../runtime/log.ts';
import { startApi } from './start-api.ts';

const config = readConfig(process.env);
const log = createLog('api', config.logLevel);
try {
  const api = await startApi(config, log, process.env);
  log.info({ reason: await untilAsked() }, 'API stopping');
  await api.stop();
} catch (error) {
  log.fatal({ err: error }, 'API ended');
  process.exitCode = 1;
}
