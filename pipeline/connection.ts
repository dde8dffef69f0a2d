import * as z from 'zod';
import { says } from './says.ts';

const PostgresConnection = z.strictObject({
  type: z.literal('postgres'),
  url: z
    .string()
    .regex(
      /^(postgres(ql)?:\/\/|\$\{\{)/,
      says('connection.invalid', "must be a postgres:// address, or '${{ env.NAME }}'"),
    ),
});

const S3Connection = z
  .strictObject({
    type: z.literal('s3'),
    endpoint: z
      .string()
      .regex(
        /^(https?:\/\/|\$\{\{)/,
        says('connection.invalid', "must be an https:// address, or '${{ env.NAME }}'"),
      )
      .optional()
      .describe('The address of a server that speaks S3; AWS when left out'),
    region: z.string().min(1).optional().describe('Left out, the API finds it as the AWS CLI does'),
    access_key_id: z
      .string()
      .min(1)
      .optional()
      .describe('Left out, the API finds credentials as the AWS CLI does'),
    secret_access_key: z
      .string()
      .regex(
        /\$\{\{/,
        says('connection.invalid', "must come from the environment: '${{ env.NAME }}'"),
      )
      .optional(),
  })
  .refine(
    ({ access_key_id: id, secret_access_key: secret }) =>
      (id === undefined) === (secret === undefined),
    says('connection.invalid', 'must have both access_key_id and secret_access_key, or neither'),
  );

/** A place outside, under a name of the project's. Texts may hold `${{ env.NAME }}`. */
export const Connection = z.discriminatedUnion('type', [PostgresConnection, S3Connection]);
export type Connection = z.infer<typeof Connection>;
export type S3Connection = z.infer<typeof S3Connection>;
