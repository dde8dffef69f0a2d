import { Agent, request } from 'node:http';

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
export async function reportExecutions({
  url,
  pipelines,
  connections,
  seconds,
}: Load): Promise<Loaded> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const [startMs, endMs]: [number[], number[]] = [[], []];
  const began = performance.now();
  const until = began + seconds * 1000;
  let count = 0;
  const loop = async () => {
    while (performance.now() < until) {
      const pipeline_id = pipelines[(count += 1) % pipelines.length];
      const start = await post(agent, `${url}/start_pipeline_execution`, { pipeline_id });
      startMs.push(start.ms);
      const { id } = JSON.parse(start.body) as { id: number };
      const end = await post(agent, `${url}/end_pipeline_execution`, endOf(id));
      endMs.push(end.ms);
    }
  };
  await Promise.all(Array.from({ length: connections }, loop));
  agent.destroy();
  return { startMs, endMs, seconds: (performance.now() - began) / 1000 };
}

function endOf(id: number) {
  const inserts = 900 + Math.round(Math.random() * 200);
  const counts = { inserts, updates: 10, soft_deletes: 0, total_rows: inserts + 10 };
  return { id, end_date: new Date().toISOString(), completed_successfully: true, ...counts };
}

/** Takes as long as it takes: `fetch` gives up after five minutes. */
export function post(
  agent: Agent,
  url: string,
  body: object,
): Promise<{ ms: number; body: string }> {
  const text = JSON.stringify(body);
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) };
  const began = performance.now();
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: 'POST', agent, headers }, (response) => {
      let answer = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (answer += chunk));
      response.on('error', reject);
      response.on('end', () => {
        const { statusCode = 0 } = response;
        if (statusCode < 300) resolve({ ms: performance.now() - began, body: answer });
        else reject(new Error(`${url} answered ${statusCode}: ${answer}`));
      });
    });
    sent.on('error', reject);
    sent.end(text);
  });
}
