import * as z from 'zod';

export const ParamDefinition = z.strictObject({
  type: z.enum(['string', 'integer', 'number', 'boolean', 'date', 'object', 'array']),
  default: z.json().optional(),
  required: z.boolean().optional().describe('False: may be left out, and is null then'),
  description: z.string().optional(),
  pattern: z.string().optional().describe('A regular expression that the text must match'),
  enum: z.array(z.json()).min(1).optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
});
export type ParamDefinition = z.infer<typeof ParamDefinition>;
