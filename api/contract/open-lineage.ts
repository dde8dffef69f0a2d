import * as z from 'zod';
import { readMoment } from '../watcher/moment.ts';

/** The shape of OpenLineage's events (spec 2-0-2), as far as it is of use; whatever else there is may be there. */
const Text = z
  .string()
  .min(1)
  .max(2_000)
  .regex(/^[^\0]*$/, 'must not hold U+0000');
const RunId = z.guid('must be a UUID').transform((id) => id.toLowerCase());

/** A point in time that Postgres can keep. */
const Time = z
  .string()
  .transform((text, context) => {
    const moment = readMoment(text);
    if (moment !== undefined) return moment;
    context.addIssue({ code: 'custom', message: 'must be a date-time' });
    return z.NEVER;
  })
  .meta({ type: 'string', format: 'date-time', description: 'Without an offset it is UTC' });

/** A facet of another shape than expected says nothing. */
const facet = <Fields extends z.ZodRawShape>(fields: Fields) =>
  z.looseObject(fields).optional().catch(undefined).meta({ type: 'object' });

const ColumnLineage = facet({
  fields: z.record(
    z.string(),
    z.looseObject({
      inputFields: z.array(z.looseObject({ namespace: Text, name: Text, field: Text })),
    }),
  ),
});

const Dataset = z.looseObject({
  namespace: Text,
  name: Text,
  facets: z.looseObject({ columnLineage: ColumnLineage }).nullish(),
  outputFacets: z.looseObject({ outputStatistics: facet({ rowCount: z.int().min(0) }) }).nullish(),
});
export type OpenLineageDataset = z.infer<typeof Dataset>;

const Job = z.looseObject({
  namespace: Text,
  name: Text,
  facets: z.looseObject({ jobType: facet({ integration: Text.max(150) }) }).nullish(),
});
export type OpenLineageJob = z.infer<typeof Job>;

const Run = z.looseObject({
  runId: RunId,
  facets: z
    .looseObject({
      parent: facet({
        run: z.looseObject({ runId: RunId }),
        job: z.looseObject({ namespace: Text, name: Text }),
      }),
      errorMessage: facet({ message: z.string() }),
    })
    .nullish(),
});

const base = {
  eventTime: Time,
  producer: Text,
  schemaURL: Text,
};
const flows = {
  job: Job,
  inputs: z.array(Dataset).nullish(),
  outputs: z.array(Dataset).nullish(),
};

export const OpenLineageRunEvent = z
  .looseObject({
    ...base,
    eventType: z.enum(['START', 'RUNNING', 'COMPLETE', 'ABORT', 'FAIL', 'OTHER']).default('OTHER'),
    run: Run,
    ...flows,
  })
  .meta({ id: 'OpenLineageRunEvent' });
export type OpenLineageRunEvent = z.infer<typeof OpenLineageRunEvent>;

export const OpenLineageJobEvent = z
  .looseObject({ ...base, ...flows })
  .meta({ id: 'OpenLineageJobEvent' });
export type OpenLineageJobEvent = z.infer<typeof OpenLineageJobEvent>;

export const OpenLineageDatasetEvent = z
  .looseObject({ ...base, dataset: Dataset })
  .meta({ id: 'OpenLineageDatasetEvent' });
export type OpenLineageDatasetEvent = z.infer<typeof OpenLineageDatasetEvent>;
