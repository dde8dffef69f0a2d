import type { Dataset } from '../../plan/lineage/dataset.ts';
import { hashOf } from '../../plan/hash.ts';

const LONGEST_PIPELINE = 150;
const MARK_LENGTH = 8;

interface Named {
  readonly namespace: string;
  readonly name: string;
}

/** A job's name as a pipeline's: never one of our own, which have no slash; a long one is cut, and marked. */
export function pipelineNameOf({ namespace, name }: Named): string {
  const whole = `${namespace}/${name}`.toLowerCase();
  if (whole.length <= LONGEST_PIPELINE) return whole;
  const mark = `~${hashOf(whole).slice(0, MARK_LENGTH)}`;
  return `${whole.slice(0, LONGEST_PIPELINE - mark.length)}${mark}`;
}

/** By the scheme of a namespace; https://openlineage.io/docs/spec/naming */
const GROUPS: readonly (readonly [RegExp, string])[] = [
  [/^(file|hdfs|dbfs|s3[an]?|gs|wasbs?|abfss?|sftp|https?)$/, 'file'],
  [/^(kafka|pubsub|kinesis|eventhubs?)$/, 'stream'],
  [
    /^(postgres(ql)?|mysql|mariadb|mssql|sqlserver|oracle|db2|redshift|snowflake|bigquery|trino|presto|hive|cassandra|clickhouse|duckdb|sqlite|awsathena|teradata|spanner|azurecosmos|glue|arn)$/,
    'database',
  ],
];

/** What a dataset's names tell of it. */
export function toDataset({ namespace, name }: Named): Dataset {
  const scheme = (/^([A-Za-z][\w+.-]*)(?::|$)/.exec(namespace)?.[1] ?? 'dataset').toLowerCase();
  const group = GROUPS.find(([pattern]) => pattern.test(scheme))?.[1] ?? 'dataset';
  const type = scheme === 'postgresql' ? 'postgres' : scheme;
  const [table, schema, database] = group === 'database' ? name.split('.').reverse() : [];
  return {
    ...{ namespace, name, type, group },
    ...(table !== undefined && { table }),
    ...(schema !== undefined && { schema }),
    ...(database !== undefined && { database }),
  };
}
