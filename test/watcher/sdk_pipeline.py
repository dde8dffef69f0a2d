"""Drives Watcher's own SDK against the address in argv; prints what it was told as JSON."""

import json
import sys

from watcher import (
    Address,
    AddressLineage,
    ETLResult,
    Pipeline,
    PipelineConfig,
    Watcher,
    WatcherContext,
)
from watcher.orchestration import OrchestratedETL

URL = sys.argv[1]


def address(name):
    return Address(name=name, address_type_name="Postgres", address_type_group_name="Database")


def config(name, next_watermark):
    return PipelineConfig(
        pipeline=Pipeline(
            name=name,
            pipeline_type_name="Extraction",
            timeliness_number=20,
            timeliness_datepart="minute",
            pipeline_metadata={"Owner": "data-team"},
        ),
        address_lineage=AddressLineage(
            source_addresses=[address("shop.public.orders"), address("shop.public.customers")],
            target_addresses=[address("lake.raw.orders")],
        ),
        default_watermark="2026-01-01",
        next_watermark=next_watermark,
    )


def run(watcher, name, next_watermark, succeeded=True, children=()):
    synced = watcher.sync_pipeline_config(config(name, next_watermark))

    @watcher.track_pipeline_execution(
        pipeline_id=synced.pipeline.id,
        active=synced.pipeline.active,
        watermark=synced.watermark,
        next_watermark=synced.next_watermark,
    )
    def work(watcher_context: WatcherContext):
        for child in children:
            below = watcher.sync_pipeline_config(config(child, next_watermark))
            watcher.track_child_pipeline_execution(
                below.pipeline.id,
                below.pipeline.active,
                watcher_context.execution_id,
                lambda: ETLResult(completed_successfully=True, updates=3),
            )
        return ETLResult(
            completed_successfully=succeeded,
            inserts=100,
            total_rows=100,
            execution_metadata={"Partition": next_watermark},
        )

    return {
        "pipeline": synced.pipeline.id,
        "from": synced.watermark,
        "execution": work().execution_id,
    }


def by_hand(watcher, pipeline, parent):
    watcher.update_pipeline_next_watermark(pipeline, "2026-01-09")
    return watcher.start_pipeline_execution(pipeline, parent_execution_id=parent)


def orchestrated(name):
    etl = OrchestratedETL(URL, config(name, "2026-01-02"), auth="a-token")
    parent = etl.start_parent_execution()
    done = etl.execute_etl(
        lambda watcher_context, **_metadata: ETLResult(completed_successfully=True),
        parent_execution_id=parent,
        orchestration_context={"run_id": "r1", "dag_id": "d1", "task_id": "t1"},
    )
    etl.end_parent_execution(parent, ETLResult(completed_successfully=True, soft_deletes=1))
    return {"parent": parent, "child": done.execution_id}


watcher = Watcher(URL, auth="a-token")
first = run(watcher, "Orders", "2026-01-02", children=["Order Lines"])
failed = run(watcher, "Orders", "2026-01-03", succeeded=False)
second = run(watcher, "Orders", "2026-01-04")
nested = by_hand(watcher, first["pipeline"], second["execution"])
print(
    json.dumps(
        {
            "first": first,
            "failed": failed,
            "second": second,
            "nested": nested,
            "orchestrated": orchestrated("Nightly"),
        }
    )
)
