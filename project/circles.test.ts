import { rmSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { findPython } from '../hosts/python/find-python.ts';
import { Fault } from '../runtime/fault.ts';
import { brief } from '../test/support/definitions.ts';
import { createProject } from '../test/support/project.ts';
import { openProject, type Project } from './open-project.ts';

async function project(files: Record<string, string>): Promise<Project> {
  const folder = await createProject(files);
  onTestFinished(() => {
    rmSync(folder, { recursive: true });
  });
  return openProject(folder, { findPython: () => findPython(undefined) });
}

test('pipelines that run each other are found, and do not compile', async () => {
  const { load, compile } = await project({
    'pipelines/a.yaml': 'blocks: { x: { kind: pipeline, pipeline: b } }',
    'pipelines/b.yaml': 'blocks: { x: { kind: pipeline, pipeline: c } }',
    'pipelines/c.yaml': 'blocks: { x: { kind: pipeline, pipeline: a } }',
    'pipelines/d.yaml': 'blocks: { x: { kind: pipeline, pipeline: d } }',
  });

  expect(
    load().errors.map(({ file, message }) => `${file} ${message.split(': ')[1] ?? ''}`),
  ).toEqual([
    'pipelines/a.yaml a → b → c → a',
    'pipelines/b.yaml a → b → c → a',
    'pipelines/c.yaml a → b → c → a',
    'pipelines/d.yaml d → d',
  ]);
  await expect(compile('a')).rejects.toThrow(Fault);
});

test('pipelines that wait for each other are warned of, also where one runs the other', async () => {
  const waitsFor = (name: string, more = '') =>
    `blocks:\n  ready: { kind: sensor, until: { pipeline: ${name} }${more} }\n`;
  const { load } = await project({
    'pipelines/orders.yaml': waitsFor('stock'),
    'pipelines/stock.yaml': waitsFor('report'),
    'pipelines/report.yaml': 'blocks: { below: { kind: pipeline, pipeline: orders } }',
    'pipelines/later.yaml': waitsFor('orders'),
    'pipelines/patient.yaml': waitsFor('lenient'),
    'pipelines/lenient.yaml': waitsFor('patient', ', soft_fail: true'),
  });

  const { errors, warnings } = load();

  expect(errors).toEqual([]);
  expect(warnings.map(({ file, message }) => `${file}: ${message}`)).toEqual([
    'pipelines/orders.yaml: no run of these pipelines can succeed before one of the next has: orders → stock → report → orders',
    'pipelines/stock.yaml: no run of these pipelines can succeed before one of the next has: orders → stock → report → orders',
  ]);
  expect(brief(warnings)).toEqual(['2:45 sensor.circle', '2:45 sensor.circle']);
});
