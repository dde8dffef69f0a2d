import { createRequire } from 'node:module';
import type * as api from '@duckdb/node-api';

/**
 * What hosts use of DuckDB's API. Required, for to import CommonJS Node first searches each of the package's
 * files for what it exports, which takes twice the time of loading them.
 */
export const {
  BIGINT,
  BLOB,
  BOOLEAN,
  DECIMAL,
  DOUBLE,
  DuckDBArrayType,
  DuckDBBlobValue,
  DuckDBDataChunk,
  DuckDBDateValue,
  DuckDBDecimalType,
  DuckDBDecimalValue,
  DuckDBInstance,
  DuckDBListType,
  DuckDBListValue,
  DuckDBMapType,
  DuckDBStructType,
  DuckDBStructValue,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  DuckDBTypeId,
  DuckDBUUIDValue,
  DuckDBVarCharType,
  LIST,
  SQLNULL,
  StatementType,
  TIMESTAMP,
  VARCHAR,
} = createRequire(import.meta.url)('@duckdb/node-api') as typeof api;

export type DuckDBArrayType = api.DuckDBArrayType;
export type DuckDBDateValue = api.DuckDBDateValue;
export type DuckDBDecimalType = api.DuckDBDecimalType;
export type DuckDBInstance = api.DuckDBInstance;
export type DuckDBListType = api.DuckDBListType;
export type DuckDBStructType = api.DuckDBStructType;
export type DuckDBTypeId = api.DuckDBTypeId;
export type DuckDBUUIDValue = api.DuckDBUUIDValue;
