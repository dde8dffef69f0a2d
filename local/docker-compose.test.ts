import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { packageRoot } from '../runtime/paths.ts';

interface Service {
  readonly image: string;
  readonly build?: string;
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly healthcheck?: object;
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
}

const text = readFileSync(join(packageRoot, 'docker-compose.yml'), 'utf8');
const { services, volumes } = parse(text, { merge: true }) as {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: Readonly<Record<string, unknown>>;
};
const entries = Object.entries(services);

test.each(entries)('%s has a pinned image', (_name, { image, build }) => {
  expect(build !== undefined || /:\d+(\.\d+)+$/.test(image)).toBe(true);
});

test.each(entries)('%s mounts only what there is', (_name, service) => {
  for (const volume of service.volumes ?? []) {
    const source = volume.replace(/^\$\{\w+:-([^}]*)\}/, '$1').split(':')[0] ?? '';
    const isThere = source.startsWith('.')
      ? existsSync(join(packageRoot, source))
      : Object.hasOwn(volumes, source);
    expect(isThere, volume).toBe(true);
  }
});

test.each(entries)(
  '%s waits only for services that can become what it waits for',
  (_name, service) => {
    for (const [other, { condition }] of Object.entries(service.depends_on ?? {})) {
      expect(services).toHaveProperty(other);
      if (condition === 'service_healthy') expect(services[other]?.healthcheck).toBeDefined();
    }
  },
);

test.each(entries)('%s is open to this machine only', (_name, { ports = [] }) => {
  expect(ports.filter((port) => !port.startsWith('127.0.0.1:'))).toEqual([]);
});
