import { sql, type RawBuilder } from 'kysely';
import { countedValues, type Comparison } from '../../metadata/anomaly/batch.ts';
import { NO_VALUES, type Moments } from '../../metadata/anomaly/moments.ts';
import { meanPool, medianPool, recentPool, type Pool } from '../../metadata/anomaly/pool.ts';
import { METRICS, type Metric } from '../../metadata/anomaly/rule.ts';
import type { Db } from '../database.ts';

/** Where single values are needed, those of the newest runs do. */
const AT_MOST = 10_000;

type Pooled = readonly [Comparison, Pool];

/** Reads what the runs of a batch are compared with: all baselines of a kind in one statement. */
export async function readPools(tx: Db, comparisons: readonly Comparison[]): Promise<Pooled[]> {
  const recent = comparisons.filter(({ rule }) => rule.baseline === 'last_n');
  const hourly = comparisons.filter(({ rule }) => rule.baseline !== 'last_n');
  const means = hourly.filter(({ rule }) => rule.method === 'mean_sd');
  const medians = hourly.filter(({ rule }) => rule.method === 'median_mad');
  return [
    ...(means.length === 0 ? [] : await meanPools(tx, means)),
    ...(medians.length === 0 ? [] : await medianPools(tx, medians)),
    ...(recent.length === 0 ? [] : await recentPools(tx, recent)),
  ];
}

/** Rules of a pipeline that look back equally far share one reading. */
async function meanPools(tx: Db, comparisons: readonly Comparison[]): Promise<Pooled[]> {
  const slots = comparisons.map((one) => JSON.stringify(slotOf(one)));
  const metrics = METRICS.filter((name) => comparisons.some(({ rule }) => rule.metric === name));
  const { rows } = await sql<{ slot: string } & Partial<Record<Metric, number[]>>>`
    select s.slot, m.*
    from unnest(${[...new Set(slots)]}::text[]) as s(slot)
    cross join jsonb_to_record(s.slot::jsonb) as j(pipeline int, hour int, weekday int, days int)
    cross join lateral (
      select ${sql.join(metrics.map(momentsColumn))}
      from (
        select ${sql.join(metrics.map(countedColumn))} from pipeline_execution e
        where ${inSlot(comparisons)}
      ) v
    ) m`.execute(tx);
  const bySlot = new Map(rows.map((row) => [row.slot, row]));
  return comparisons.map((one, at) => {
    const earlier = toMoments(bySlot.get(slots[at] ?? '')?.[one.rule.metric]);
    return [one, meanPool(earlier, countedValues(one))];
  });
}

async function medianPools(tx: Db, comparisons: readonly Comparison[]): Promise<Pooled[]> {
  const slots = comparisons.map((one, at) => ({ at, metric: one.rule.metric, ...slotOf(one) }));
  const { rows } = await sql<ListRow>`
    select j.at, v.list
    from jsonb_to_recordset(${JSON.stringify(slots)}::jsonb)
      as j(at int, metric text, pipeline int, hour int, weekday int, days int)
    cross join lateral (
      select string_agg(newest.value::text, ',') as list
      from (
        select m.value from pipeline_execution e cross join lateral (select ${COUNTED}) m
        where ${inSlot(comparisons)} and m.value is not null
        order by e.end_date desc limit ${AT_MOST}
      ) newest
    ) v`.execute(tx);
  return pairUp(comparisons, rows, (one, list) => medianPool(list.map(Number), countedValues(one)));
}

/** Those of the batch are read with the others: which runs are the newest depends on them. */
async function recentPools(tx: Db, comparisons: readonly Comparison[]): Promise<Pooled[]> {
  const slots = comparisons.map(({ rule, runs }, at) => ({
    ...{ at, metric: rule.metric, pipeline: rule.pipelineId },
    most: rule.lastN + runs.length,
  }));
  const { rows } = await sql<ListRow>`
    select j.at, v.list
    from jsonb_to_recordset(${JSON.stringify(slots)}::jsonb)
      as j(at int, metric text, pipeline int, most int)
    cross join lateral (
      select string_agg(newest.id || ' ' || newest.value, ',' order by newest.id desc) as list
      from (
        select e.id, m.value
        from (
          select * from pipeline_execution
          where pipeline_id = j.pipeline order by id desc limit ${AT_MOST}
        ) e
        cross join lateral (select ${COUNTED}) m
        where e.completed_successfully and m.value is not null
        order by e.id desc limit j.most
      ) newest
    ) v`.execute(tx);
  return pairUp(comparisons, rows, ({ rule, runs }, list) => {
    const batch = runs.map(({ id }) => id);
    return recentPool({ ...rule, recent: list.map(toRecent), batch });
  });
}

interface ListRow {
  readonly at: number;
  readonly list: string | null;
}

function pairUp(
  comparisons: readonly Comparison[],
  rows: readonly ListRow[],
  poolOf: (one: Comparison, list: string[]) => Pool,
): Pooled[] {
  const lists = new Map(rows.map(({ at, list }) => [at, list?.split(',') ?? []]));
  return comparisons.map((one, at) => [one, poolOf(one, lists.get(at) ?? [])]);
}

function toRecent(pair: string) {
  const [executionId = NaN, value = NaN] = pair.split(' ').map(Number);
  return { executionId, value };
}

function toMoments([count = 0, mean = 0, variance = 0, min = 0, max = 0]: number[] = []): Moments {
  return count === 0 ? NO_VALUES : { count, mean, squares: variance * count, min, max };
}

function slotOf({ rule, hour, weekday }: Comparison) {
  return { pipeline: rule.pipelineId, hour, weekday, days: rule.lookbackDays };
}

/** The runs of a slot `j`, without the batch itself: its values are added one by one. */
function inSlot(comparisons: readonly Comparison[]): RawBuilder<boolean> {
  const batch = [...new Set(comparisons.flatMap(({ runs }) => runs.map(({ id }) => id)))];
  return sql`e.pipeline_id = j.pipeline and e.hour_recorded = j.hour
    and e.end_date >= now() - make_interval(hours => j.days * 24) and e.completed_successfully
    and (j.weekday is null or extract(isodow from e.date_recorded) = j.weekday)
    and e.id <> all(${batch}::bigint[])`;
}

/** The metric that `j` names; null for a run in which it was odd. */
const COUNTED = sql`case when (e.anomaly_flags -> j.metric) = 'true' then null
  else case j.metric ${sql.join(
    METRICS.map((name) => sql`when ${sql.lit(name)} then e.${sql.ref(name)}`),
    sql` `,
  )} end end as value`;

function countedColumn(metric: Metric): RawBuilder<unknown> {
  const [column, name] = [sql.ref(metric), sql.lit(metric)];
  return sql`(case when (e.anomaly_flags -> ${name}) = 'true' then null else e.${column} end)::float8
    as ${column}`;
}

function momentsColumn(metric: Metric): RawBuilder<unknown> {
  const column = sql.ref(metric);
  return sql`array[count(${column})::float8, avg(${column}), var_pop(${column}), min(${column}),
    max(${column})] as ${column}`;
}
