-- Flights newer than the watermark, always in whole days. `delays` counts by day and `publish` replaces
-- what it finds for a day, so a day that an earlier run saw in part is loaded again from its start.
with
  flight as (
    from '../../node_modules/vega-datasets/data/flights-3m.parquet'
    where $until is null or date < cast($until as date)
  ),
  first_new as (
    select date_trunc('day', min(date)) as day
    from flight
    where date > cast($watermark as timestamp)
  )
select date, delay, distance, origin, destination
from flight
where $watermark is null or date >= (select day from first_new)
