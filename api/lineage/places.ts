import { isAbsolute, resolve } from 'node:path';
import { evaluateText } from '../../plan/expression.ts';
import type { Dataset, Places } from '../../plan/lineage/dataset.ts';
import type { TableName } from '../../plan/lineage/query.ts';
import type { Plan } from '../../plan/plan.ts';

const POSTGRES_PORT = '5432';
const DEFAULT_SCHEMA = 'public';

export interface PlacesOptions {
  readonly projectDir: string;
  /** What connections refer to as `${{ env.NAME }}`. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** Where the connections and paths of a plan lead from this process. */
export function placesOf(
  { connections }: Plan,
  { projectDir, environment }: PlacesOptions,
): Places {
  const servers = new Map(
    Object.entries(connections).map(([name, { url }]) => [name, serverOf(url, environment)]),
  );
  return {
    file: (path) => fileAt(path, projectDir),
    table: (connection, name) => tableOn(servers.get(connection), connection, name),
  };
}

interface Server {
  readonly namespace: string;
  readonly database: string;
}

/** Undefined: the URL can't be told here, because its secrets are at home with the workers. */
function serverOf(url: string, environment: PlacesOptions['environment']): Server | undefined {
  try {
    const { hostname, port, pathname, username } = new URL(evaluateText(url, { env: environment }));
    if (hostname === '') return undefined;
    const database = decodeURIComponent(pathname.slice(1)) || decodeURIComponent(username);
    return { namespace: `postgres://${hostname}:${port || POSTGRES_PORT}`, database };
  } catch {
    return undefined;
  }
}

function tableOn(server: Server | undefined, connection: string, name: TableName): Dataset {
  const [table = '', schema = DEFAULT_SCHEMA, catalog] = [...name].reverse();
  const database = catalog ?? server?.database;
  return {
    namespace: server?.namespace ?? `postgres://${connection}`,
    name: [database, schema, table].filter((part) => part !== undefined).join('.'),
    ...{ type: 'postgres', group: 'database', schema, table },
    ...(database !== undefined && { database }),
  };
}

const FILE = { type: 'file', group: 'file' } as const;
const URL_PATH = /^([a-z][a-z0-9+.-]+:\/\/[^/]+)\/(.+)$/i;

function fileAt(path: string, projectDir: string): Dataset {
  const [, namespace, name] = URL_PATH.exec(path) ?? [];
  if (namespace !== undefined && name !== undefined) return { namespace, name, ...FILE };
  const local = path.replace(/^file:(\/\/)?/, '');
  return {
    namespace: 'file',
    name: isAbsolute(local) ? local : resolve(projectDir, local),
    ...FILE,
  };
}
