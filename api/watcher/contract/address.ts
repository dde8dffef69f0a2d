import * as z from 'zod';
import { describe } from '../document.ts';
import { dictionary, id, maybe, model, text, type Rule } from '../fields.ts';
import { Created } from './pipeline-type.ts';

const name = () => text({ min: 1, max: 150 });
const part = () => maybe(text({ max: 50 }));

const parts = {
  database_name: part(),
  schema_name: part(),
  table_name: part(),
  primary_key: part(),
  address_metadata: maybe(dictionary()),
};

const NAMED: Rule<{ id?: number | null | undefined; name?: string | undefined }> = [
  "Either 'id' or 'name' must be provided",
  (patch) => typeof patch.id === 'number' || patch.name !== undefined,
];

export const AddressTypePost = model('AddressTypePostInput', {
  name: name(),
  group_name: name(),
});

export const AddressTypePatch = model(
  'AddressTypePatchInput',
  { id: maybe(id()), name: name().exactOptional(), group_name: name().exactOptional() },
  NAMED,
);

export const AddressPost = model('AddressPostInput', {
  name: name(),
  address_type_name: name(),
  address_type_group_name: name(),
  ...parts,
});

export const AddressPatch = model(
  'AddressPatchInput',
  {
    id: maybe(id()),
    name: name().exactOptional(),
    address_type_id: id().exactOptional(),
    ...parts,
  },
  NAMED,
);

const AddressType = z
  .object({
    id: z.int(),
    name: z.string(),
    group_name: z.string(),
    created_at: z.iso.datetime(),
    updated_at: z.iso.datetime().nullable(),
  })
  .meta({ id: 'AddressType' });

const Address = z
  .object({
    id: z.int(),
    name: z.string(),
    address_type_id: z.int(),
    database_name: z.string().nullable(),
    schema_name: z.string().nullable(),
    table_name: z.string().nullable(),
    primary_key: z.string().nullable(),
    address_metadata: z.record(z.string(), z.unknown()).nullable(),
    input_hash: z.string().nullable(),
    created_at: z.iso.datetime(),
    updated_at: z.iso.datetime().nullable(),
  })
  .meta({ id: 'Address' });

/** The four paths that every kind of record has. */
function pathsOf(noun: string, path: string, schemas: RecordSchemas) {
  const { post, patch, record } = schemas;
  return [
    describe({
      ...{ method: 'post', path, summary: `Create an ${noun}, or find it by its name` },
      body: post,
      answers: { 200: Created, 201: Created },
    }),
    describe({
      ...{ method: 'get', path, summary: `Every ${noun}` },
      answers: { 200: z.array(record) },
    }),
    describe({
      ...{ method: 'patch', path, summary: `Change an ${noun}` },
      body: patch,
      answers: { 200: record },
      problems: [400, 404],
    }),
    describe({
      ...{ method: 'get', path: `${path}/{${path.slice(1)}_id}`, summary: `One ${noun}` },
      params: z.object({ [`${path.slice(1)}_id`]: z.int() }),
      answers: { 200: record },
      problems: [404],
    }),
  ];
}

interface RecordSchemas {
  readonly post: z.ZodType;
  readonly patch: z.ZodType;
  readonly record: z.ZodType;
}

export const ADDRESS_PATHS = [
  ...pathsOf('address type', '/address_type', {
    ...{ post: AddressTypePost, patch: AddressTypePatch, record: AddressType },
  }),
  ...pathsOf('address', '/address', { post: AddressPost, patch: AddressPatch, record: Address }),
];
