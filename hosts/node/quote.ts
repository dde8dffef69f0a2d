/** An SQL identifier, quoted as DuckDB and Postgres both read it. */
export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** An SQL string. Backslashes stand for themselves. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
