import type { BlockDefinition } from '../block.ts';
import { blocksOf, type Check } from '../check.ts';
import { didYouMean } from '../did-you-mean.ts';
import type { Path } from '../document.ts';

/** Every connection that a block names is one of the project's. */
export const checkConnections: Check = (draft, { connections }) => {
  if (!connections) return [];
  return blocksOf(draft).flatMap(([name, block]) =>
    connectionsOf(block)
      .filter(({ connection }) => !connections.has(connection))
      .map(({ connection, path }) => ({
        path: ['blocks', name, ...path],
        code: 'connection.unknown',
        message: `highwater.yaml has no connection "${connection}"${didYouMean(connection, connections)}`,
      })),
  );
};

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
