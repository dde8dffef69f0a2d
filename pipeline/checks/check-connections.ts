import type { BlockDefinition } from '../block.ts';
import { blocksOf, type Check, type ConnectionTypes } from '../check.ts';
import type { Connection } from '../connection.ts';
import { didYouMean } from '../did-you-mean.ts';
import type { Finding, Path } from '../document.ts';

/** Every connection that a block names is one of the project's, and a database. */
export const checkConnections: Check = (draft, { connections }) => {
  if (!connections) return [];
  return blocksOf(draft).flatMap(([name, block]) =>
    connectionsOf(block).flatMap(({ connection, path }) =>
      checkConnection(connections, connection, 'postgres', ['blocks', name, ...path]),
    ),
  );
};

/** What is wrong with naming this connection where one of this type is needed. */
export function checkConnection(
  connections: ConnectionTypes,
  name: string,
  needed: Connection['type'],
  path: Path,
): Finding[] {
  if (!connections.has(name)) {
    const message = `highwater.yaml has no connection "${name}"${didYouMean(name, connections.keys())}`;
    return [{ path, code: 'connection.unknown', message }];
  }
  const type = connections.get(name);
  if (type === undefined || type === needed) return [];
  const message = `connection "${name}" is of type ${type}: here one of type ${needed} is needed`;
  return [{ path, code: 'connection.invalid', message }];
}

/** The connections that a block uses, and where it says so. */
export function connectionsOf(block: BlockDefinition): { connection: string; path: Path }[] {
  if (block.kind === 'pipeline') return [];
  const places = [
    { place: block, path: ['connection'] },
    { place: block.kind === 'loader' ? block.from : undefined, path: ['from', 'connection'] },
    { place: block.kind === 'exporter' ? block.to : undefined, path: ['to', 'connection'] },
    { place: block.kind === 'sensor' ? block.until : undefined, path: ['until', 'connection'] },
  ];
  return places.flatMap(({ place, path }) =>
    place && 'connection' in place && place.connection !== undefined
      ? [{ connection: place.connection, path }]
      : [],
  );
}
