import * as z from 'zod';
import { describe } from '../document.ts';
import { id, list, model } from '../fields.ts';
import { AddressPost } from './address.ts';

export const AddressLineagePost = model('AddressLineagePostInput', {
  pipeline_id: id(),
  source_addresses: list(AddressPost),
  target_addresses: list(AddressPost),
});
export type AddressLineagePost = z.infer<typeof AddressLineagePost>;

export const AddressLineagePostOutput = z
  .object({
    pipeline_id: z.int(),
    lineage_relationships_created: z.int().describe('Sources times targets'),
    message: z.string().nullable(),
  })
  .meta({ id: 'AddressLineagePostOutput' });
export type AddressLineagePostOutput = z.infer<typeof AddressLineagePostOutput>;

export const GraphQuery = z.object({ source_address_id: id() });

export const ADDRESS_LINEAGE_PATHS = [
  describe({
    method: 'post',
    path: '/address_lineage',
    summary: "Replace a pipeline's lineage: every source flows into every target",
    body: AddressLineagePost,
    answers: { 200: AddressLineagePostOutput, 201: AddressLineagePostOutput },
  }),
];
