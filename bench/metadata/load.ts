import { Connection } from './connection.ts';

export interface Loaded {
  /** Of each request, in ms. */
  readonly startMs: readonly number[];
  readonly endMs: readonly number[];
  readonly seconds: number;
}

export interface Load {
  readonly url: string;
  readonly pipelines: readonly number[];
  readonly connections: number;
  readonly seconds: number;
}

/** Each connection reports one execution after the other: it began, it ended well. */
export async function reportExecutions(load: Load): Promise<Loaded> {
  const [startMs, endMs]: [number[], number[]] = [[], []];
  const began = performance.now();
  const until = began + load.seconds * 1000;
  let count = 0;
  const loop = async () => {
    const connection = new Connection(load.url);
    while (performance.now() < until) {
      const pipeline_id = load.pipelines[(count += 1) % load.pipelines.length];
      const start = await connection.post('/start_pipeline_execution', { pipeline_id });
      startMs.push(start.ms);
      const { id } = JSON.parse(start.body) as { id: number };
      const end = await connection.post('/end_pipeline_execution', endOf(id));
      endMs.push(end.ms);
    }
    connection.close();
  };
  await Promise.all(Array.from({ length: load.connections }, loop));
  return { startMs, endMs, seconds: (performance.now() - began) / 1000 };
}

/** It takes a millisecond: times are told in whole ones. */
function endOf(id: number) {
  const inserts = 900 + Math.round(Math.random() * 200);
  const counts = { inserts, updates: 10, soft_deletes: 0, total_rows: inserts + 10 };
  const end_date = new Date(Date.now() + 1).toISOString();
  return { id, end_date, completed_successfully: true, ...counts };
}
