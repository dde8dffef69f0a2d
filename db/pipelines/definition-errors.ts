import { sql } from 'kysely';
import type { Db } from '../database.ts';

/** What keeps a pipeline's file from being used. */
export interface FoundError {
  readonly pipeline: string;
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly code: string;
  readonly message: string;
  readonly excerpt: string;
}

/** Makes these the errors of a project's files. Those that were known keep the time when they were found. */
export async function saveDefinitionErrors(
  db: Db,
  project: string,
  errors: readonly FoundError[],
): Promise<void> {
  await sql`
    with found as (
      select * from jsonb_to_recordset(${JSON.stringify(errors)}::jsonb)
        as f(pipeline text, file text, line int, "column" int, code text, message text, excerpt text)
    ), mended as (
      delete from definition_error e where project = ${project} and not exists (
        select from found f where (f.pipeline, f.file, f.line, f."column", f.code, f.message)
          = (e.pipeline, e.file, e.line, e."column", e.code, e.message))
    )
    insert into definition_error (project, pipeline, file, line, "column", code, message, excerpt)
    select ${project}, f.* from found f where not exists (
      select from definition_error e where e.project = ${project}
        and (f.pipeline, f.file, f.line, f."column", f.code, f.message)
          = (e.pipeline, e.file, e.line, e."column", e.code, e.message))`.execute(db);
}

/** The errors of one pipeline's file as they were last seen, by line. */
export async function listDefinitionErrors(
  db: Db,
  pipeline: string,
): Promise<(FoundError & { readonly found_at: Date })[]> {
  return db
    .selectFrom('definition_error')
    .select(['pipeline', 'file', 'line', 'column', 'code', 'message', 'excerpt', 'found_at'])
    .where('pipeline', '=', pipeline)
    .orderBy('line')
    .orderBy('column')
    .execute();
}
