import { lineageOf, type PlanLineage } from '../../plan/lineage/plan-lineage.ts';
import type { Places } from '../../plan/lineage/dataset.ts';
import type { Statement } from '../../plan/lineage/query.ts';
import type { Compiled, PlannedBlock } from '../../plan/plan.ts';
import type { SqlParser } from './parse-sql.ts';

type Sources = Pick<Compiled, 'sources'>;

/** What the runs of a plan read and write, found in the plan and its SQL alone. */
export async function analysePlan(
  { plan, sources }: Pick<Compiled, 'plan'> & Sources,
  parser: SqlParser,
  places: Places,
): Promise<PlanLineage> {
  const parsed = new Map<string, readonly Statement[]>();
  for (const block of plan.blocks) {
    const statements = await parseBlock(block, { sources }, parser);
    if (statements) parsed.set(block.name, statements);
  }
  return lineageOf(plan, parsed, places);
}

async function parseBlock(
  { work }: PlannedBlock,
  { sources }: Sources,
  parser: SqlParser,
): Promise<Statement[] | undefined> {
  if (work.type === 'read_table') return parser.postgres(work.query);
  if (work.type !== 'sql') return undefined;
  const source = sources.find(({ hash }) => hash === work.source);
  const text = source?.files[source.entry] ?? '';
  return work.connection === null ? parser.duckdb(text) : parser.postgres(text);
}
