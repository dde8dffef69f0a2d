import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { jsonSchemas } from '../pipeline/json-schemas.ts';
import { packageRoot } from '../runtime/paths.ts';

/** Writes the JSON Schemas of the files that users write into `schemas/`. */
const folder = join(packageRoot, 'schemas');
mkdirSync(folder, { recursive: true });
for (const [name, text] of Object.entries(jsonSchemas())) writeFileSync(join(folder, name), text);
