import { expect, test } from 'vitest';
import { definitions } from '../test/support/definitions.ts';
import { compile } from './compile.ts';
import { explain, explainAsText } from './explain.ts';

const COMPILED = compile(
  'airport_delays',
  definitions({
    airport_delays: `description: Delays by airport
params: { month: { type: string, default: '2001-01' } }
watermark: { block: flights, column: date }
blocks:
  flights: { kind: loader, file: load_flights.sql }
  airports: { kind: loader, file: load_airports.ts, on_failure: continue }
  delays: { kind: transformer, file: delays.py, inputs: { f: flights, airports: airports } }
  weather: { kind: pipeline, pipeline: weather, params: { month: '\${{ params.month }}' } }
  publish: { kind: exporter, inputs: [delays], after: [weather], to: { connection: warehouse, table: delays, mode: merge, keys: [origin] } }
`,
    weather:
      "params: { month: { type: string } }\nblocks: { w: { kind: loader, from: { file: 'w.csv' } } }",
  }),
);

test('an explanation puts side by side what can run side by side', () => {
  expect(explain(COMPILED).levels).toEqual([
    ['flights', 'airports', 'weather'],
    ['delays'],
    ['publish'],
  ]);
});

test('an explanation tells people what a run would do', () => {
  const [child] = COMPILED.children;

  expect(explainAsText(COMPILED))
    .toBe(`airport_delays (general)  plan ${COMPILED.plan.hash.slice(0, 12)}
Delays by airport
param month: string, default 2001-01
watermark: the greatest date of flights
1. side by side
   flights [loader]
     runs blocks/load_flights.sql (DuckDB)
     3 attempts, waits 1s × 2 up to 1m; 10m each, 1h in all
   airports [loader]
     runs blocks/load_airports.ts (TypeScript)
     3 attempts, waits 1s × 2 up to 1m; 10m each, 1h in all; the rest goes on when it fails
   weather [pipeline]
     runs pipeline weather (plan ${child?.plan.hash.slice(0, 12) ?? ''}) with month=\${{ params.month }}
     1 attempt; 1h each, 1h in all
2. one block
   delays [transformer]
     runs blocks/delays.py (Python)
     reads flights as f, airports
     3 attempts, waits 1s × 2 up to 1m; 10m each, 1h in all
3. one block
   publish [exporter]
     writes warehouse.delays (merge by origin)
     reads delays
     waits for weather
     3 attempts, waits 1s × 2 up to 1m; 10m each, 1h in all

weather (general)  plan ${child?.plan.hash.slice(0, 12) ?? ''}
param month: string, must be given
1. one block
   w [loader]
     loads w.csv (csv)
     3 attempts, waits 1s × 2 up to 1m; 10m each, 1h in all
`);
});
