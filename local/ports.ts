import type { Config } from '../runtime/config.ts';
import { claimPort } from './port.ts';

export interface Ports {
  readonly api: number;
  readonly postgres: number;
  readonly temporal: number;
  readonly temporalUi: number;
}

/** Settles every port before anything starts; those of servers of one's own stay unclaimed, as 0. */
export async function claimPorts(config: Config): Promise<Ports> {
  const { databaseUrl, temporalAddress, apiPort, postgresPort, temporalPort, temporalUiPort } =
    config;
  const api = await claimPort(apiPort, 'the API', 'HIGHWATER_PORT');
  const postgres =
    databaseUrl === undefined
      ? await claimPort(postgresPort, 'Postgres', 'HIGHWATER_POSTGRES_PORT')
      : 0;
  if (temporalAddress !== undefined) return { api, postgres, temporal: 0, temporalUi: 0 };
  const temporal = await claimPort(temporalPort, 'Temporal', 'HIGHWATER_TEMPORAL_PORT');
  const variable = 'HIGHWATER_TEMPORAL_UI_PORT';
  const temporalUi = await claimPort(temporalUiPort, "Temporal's Web UI", variable);
  return { api, postgres, temporal, temporalUi };
}
