import type { Client } from '@temporalio/client';
import type { Db } from '../../db/database.ts';
import { readTruth } from './history-truth.ts';
import { storedFiles } from './leftovers.ts';

/** Files in the artifact store that neither the mirror nor any history of Temporal knows of. */
export async function strayFiles(db: Db, client: Client, home: string): Promise<string[]> {
  const artifacts = await db.selectFrom('artifact').select('uri').execute();
  const known = new Set(artifacts.map(({ uri }) => uri));
  const strays: string[] = [];
  for (const uri of (await storedFiles(home)).filter((stored) => !known.has(stored))) {
    const { workflow_id } = await db
      .selectFrom('pipeline_execution')
      .select('workflow_id')
      .where('id', '=', Number.parseInt(uri.slice('store:///'.length), 10))
      .where('workflow_id', 'is not', null)
      .$narrowType<{ workflow_id: string }>()
      .executeTakeFirstOrThrow();
    const { uris } = await readTruth(client, workflow_id);
    if (!uris.includes(uri)) strays.push(uri);
  }
  return strays;
}
