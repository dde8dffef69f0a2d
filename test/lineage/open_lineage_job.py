"""A job as the real client of OpenLineage tells of it: it starts, a second one fails, the first completes."""

import sys
from datetime import datetime, timedelta, timezone

from openlineage.client import OpenLineageClient
from openlineage.client.event_v2 import InputDataset, Job, OutputDataset, Run, RunEvent, RunState
from openlineage.client.facet_v2 import (
    column_lineage_dataset,
    error_message_run,
    job_type_job,
    output_statistics_output_dataset,
    parent_run,
    schema_dataset,
)
from openlineage.client.transport.http import HttpConfig, HttpTransport
from openlineage.client.uuid import generate_new_uuid

NAMESPACE = "postgres://warehouse:5432"

url = sys.argv[1]
client = OpenLineageClient(transport=HttpTransport(HttpConfig(url=url)))
started = datetime(2026, 3, 1, 10, tzinfo=timezone.utc)
outer, inner = str(generate_new_uuid()), str(generate_new_uuid())


def event(state, run, name, minutes, **more):
    job_type = job_type_job.JobTypeJobFacet("BATCH", "DBT", "MODEL")
    return RunEvent(
        eventType=state,
        eventTime=(started + timedelta(minutes=minutes)).isoformat(),
        run=run,
        job=Job(namespace="dbt", name=name, facets={"jobType": job_type}),
        producer="https://github.com/OpenLineage/OpenLineage/tree/main/client/python",
        **more,
    )


orders = InputDataset(namespace=NAMESPACE, name="shop.public.orders")
fields = {
    "total": column_lineage_dataset.Fields(
        inputFields=[column_lineage_dataset.InputField(NAMESPACE, "shop.public.orders", "amount")],
        transformationDescription="sum",
        transformationType="AGGREGATION",
    )
}
sums = OutputDataset(
    namespace=NAMESPACE,
    name="shop.public.sums",
    facets={
        "schema": schema_dataset.SchemaDatasetFacet([schema_dataset.SchemaDatasetFacetFields("total")]),
        "columnLineage": column_lineage_dataset.ColumnLineageDatasetFacet(fields=fields),
    },
    outputFacets={
        "outputStatistics": output_statistics_output_dataset.OutputStatisticsOutputDatasetFacet(7, 99)
    },
)
parent = parent_run.ParentRunFacet(
    run=parent_run.Run(runId=outer), job=parent_run.Job(namespace="dbt", name="build")
)
error = error_message_run.ErrorMessageRunFacet("column is missing", "SQL")

client.emit(event(RunState.START, Run(runId=outer), "build", 0, inputs=[orders]))
client.emit(event(RunState.START, Run(runId=inner, facets={"parent": parent}), "test", 1))
client.emit(
    event(RunState.FAIL, Run(runId=inner, facets={"parent": parent, "errorMessage": error}), "test", 2)
)
client.emit(event(RunState.COMPLETE, Run(runId=outer), "build", 5, inputs=[orders], outputs=[sums]))
client.close()
