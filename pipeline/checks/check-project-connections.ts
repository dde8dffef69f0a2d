import type { ProjectDefinition } from '../definition.ts';
import type { Finding } from '../document.ts';
import { textsIn } from '../texts-in.ts';
import { inText } from './check-expressions.ts';

/** Connections see the environment of the process that uses them, and nothing else. */
export function checkProjectConnections({ connections }: ProjectDefinition): Finding[] {
  return textsIn(connections, ['connections']).flatMap((text) =>
    inText(text, 'connection', () => null),
  );
}
