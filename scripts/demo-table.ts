import pg from 'pg';
import { inColumns } from '../cli/columns.ts';

const QUERY = `
  select origin, any_value(city) as city, any_value(state) as state,
    sum(flights)::int as flights,
    round((sum(mean_delay * flights) / sum(flights))::numeric, 1)::text as mean_delay,
    round((sum(share_late * flights) / sum(flights) * 100)::numeric, 1)::text as late,
    mode() within group (order by rating) as usual_rating
  from airport_delays
  group by origin
  having sum(flights) >= 1000
  order by sum(mean_delay * flights) / sum(flights) desc
  limit 10`;

/** Reads the table that the pipeline published, as any other program would. */
export async function printPublished(url: string, out: NodeJS.WritableStream): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<Record<string, string | number>>(QUERY);
    const heads = ['airport', 'city', 'state', 'flights', 'mean delay', '% late', 'usual rating'];
    const cells = rows.map((row) => Object.values(row).map(String));
    out.write(
      inColumns([heads, ...cells])
        .map((line) => `  ${line}\n`)
        .join(''),
    );
  } finally {
    await client.end();
  }
}
