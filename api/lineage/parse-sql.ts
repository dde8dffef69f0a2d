import type { DuckDBConnection } from '@duckdb/node-api';
import { numberParameters } from '../../hosts/node/postgres-statement.ts';
import { firstWord, splitStatements } from '../../hosts/node/sql-text.ts';
import { unwrap } from '../../plan/lineage/duckdb-statement.ts';
import { fromDuckdb } from '../../plan/lineage/duckdb-tree.ts';
import { fromPostgres } from '../../plan/lineage/postgres-tree.ts';
import { OPAQUE, type Query, type Statement } from '../../plan/lineage/query.ts';
import type { Node } from '../../plan/lineage/tree.ts';

/** Takes SQL apart with the parsers of the engines that run it. What they refuse says nothing. */
export interface SqlParser {
  duckdb(text: string): Promise<Statement[]>;
  postgres(text: string): Promise<Statement[]>;
  close(): void;
}

/** The engines are loaded when first asked. */
export function openSqlParser(): SqlParser {
  let connection: Promise<DuckDBConnection> | undefined;
  return {
    duckdb: async (text) => {
      connection ??= openDuckdb();
      const duckdb = await connection;
      const statements = [];
      for (const statement of splitStatements(text)) {
        statements.push(await parseDuckdb(duckdb, statement.text));
      }
      return statements;
    },
    postgres: async (text) => {
      const parser = await import('libpg-query');
      await parser.loadModule();
      return splitStatements(text).flatMap((statement) => {
        try {
          const { text: numbered } = numberParameters(statement.text, {});
          const { stmts = [] } = parser.parseSync(numbered);
          return stmts.map(({ stmt }) => fromPostgres(stmt as unknown as Node));
        } catch {
          return [];
        }
      });
    },
    close: () => {
      void connection?.then((open) => {
        open.closeSync();
      });
    },
  };
}

async function openDuckdb(): Promise<DuckDBConnection> {
  const { DuckDBInstance } = await import('@duckdb/node-api');
  const instance = await DuckDBInstance.create(':memory:', {
    autoinstall_known_extensions: 'false',
    threads: '1',
  });
  return instance.connect();
}

const ANSWERS_ROWS = new Set(['select', 'with', 'from', 'values', 'table', 'pivot', 'unpivot']);

async function parseDuckdb(duckdb: DuckDBConnection, text: string): Promise<Statement> {
  const wrapped = unwrap(text);
  const query = (await parseQuery(duckdb, wrapped?.query ?? text)) ?? OPAQUE;
  if (wrapped) return { writes: [{ ...wrapped.write, query }], output: undefined };
  const answers = query !== OPAQUE || ANSWERS_ROWS.has(firstWord(text));
  return { writes: [], output: answers ? query : undefined };
}

/** Undefined: the parser can't tell of it, such as of PIVOT. */
async function parseQuery(duckdb: DuckDBConnection, text: string): Promise<Query | undefined> {
  const result = await duckdb.run('select json_serialize_sql($1::varchar)', [text]);
  const answer = JSON.parse(String((await result.getRows())[0]?.[0])) as Serialized;
  const node = answer.statements?.[0]?.node;
  return node && fromDuckdb(node);
}

interface Serialized {
  readonly statements?: readonly { readonly node?: Node }[];
}
