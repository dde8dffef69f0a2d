type FileFormat = 'csv' | 'json' | 'parquet';

const FORMATS: Readonly<Record<string, FileFormat>> = {
  csv: 'csv',
  tsv: 'csv',
  json: 'json',
  jsonl: 'json',
  ndjson: 'json',
  parquet: 'parquet',
};

/** By the ending of its name, compressed or not; undefined when that says nothing. */
export function formatOf(file: string): FileFormat | undefined {
  const ending = /\.([a-z]+)(\.(gz|zst))?$/i.exec(file)?.[1]?.toLowerCase() ?? '';
  return Object.hasOwn(FORMATS, ending) ? FORMATS[ending] : undefined;
}
