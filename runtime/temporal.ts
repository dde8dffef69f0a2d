import {
  Client,
  Connection,
  ServiceError,
  isGrpcServiceError,
  type ConnectionOptions,
} from '@temporalio/client';
import { Fault, messageOf } from './fault.ts';

/** gRPC's names for "the server is away, busy or too slow". */
const AWAY = new Set([
  1 /* cancelled */, 4 /* deadline */, 8 /* exhausted */, 14 /* unavailable */,
]);
const KEYWORD = 2;

export interface TemporalAddress {
  readonly address: string;
  readonly namespace: string;
}

/** A client that connects when first used, and again whenever the server comes back. */
export interface Temporal {
  /** Fails with `temporal.unavailable` when there is no answer within `ms`; it never retries. */
  ask<T>(ms: number, question: (client: Client) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

export function openTemporal({ address, namespace }: TemporalAddress): Temporal {
  const connection = Connection.lazy({ address, ...FAIL_FAST });
  const client = new Client({ connection, namespace });
  return {
    ask: async (ms, question) => {
      try {
        return await connection.withDeadline(Date.now() + ms, () => question(client));
      } catch (error) {
        if (!isTemporalAway(error)) throw error;
        const message = `Temporal at ${address} does not answer: ${messageOf(rootOf(error))}`;
        throw new Fault('temporal.unavailable', message, { cause: error });
      }
    },
    close: () => connection.close(),
  };
}

/** Callers decide themselves when to ask again, and a server that is back is noticed within seconds. */
const FAIL_FAST: ConnectionOptions = {
  interceptors: [],
  channelArgs: {
    'grpc.initial_reconnect_backoff_ms': 250,
    'grpc.max_reconnect_backoff_ms': 2_000,
    'grpc.keepalive_permit_without_calls': 1,
    'grpc.keepalive_time_ms': 30_000,
    'grpc.keepalive_timeout_ms': 15_000,
  },
};

/** Registers the keyword search attributes that the namespace lacks. Doing it twice is harmless. */
export async function ensureSearchAttributes(
  client: Client,
  keys: readonly { readonly name: string }[],
): Promise<void> {
  const { operatorService } = client.connection;
  const { namespace } = client.options;
  const { customAttributes } = await operatorService.listSearchAttributes({ namespace });
  const missing = keys.filter(({ name }) => !Object.hasOwn(customAttributes, name));
  if (missing.length === 0) return;
  const searchAttributes = Object.fromEntries(missing.map(({ name }) => [name, KEYWORD]));
  await operatorService.addSearchAttributes({ namespace, searchAttributes });
}

function isTemporalAway(error: unknown): boolean {
  const root = rootOf(error);
  return isGrpcServiceError(root) && AWAY.has(root.code);
}

function rootOf(error: unknown): unknown {
  return error instanceof ServiceError ? (error.cause ?? error) : error;
}
