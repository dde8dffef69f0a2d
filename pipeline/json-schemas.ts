import * as z from 'zod';
import { PipelineDefinition, ProjectDefinition } from './definition.ts';

/** JSON Schemas for editors, by the name of their file. */
export function jsonSchemas(): Readonly<Record<string, string>> {
  return {
    'highwater.schema.json': schemaText(ProjectDefinition, 'Highwater project (highwater.yaml)'),
    'pipeline.schema.json': schemaText(PipelineDefinition, 'Highwater pipeline (pipelines/*.yaml)'),
  };
}

function schemaText(schema: z.ZodType, title: string): string {
  const { $schema, ...rest } = z.toJSONSchema(schema, { io: 'input' });
  return `${JSON.stringify({ $schema, title, ...rest }, null, 2)}\n`;
}
