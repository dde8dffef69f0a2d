-- SQL blocks run in DuckDB. Paths start at the project's folder; params and $watermark are bound as values.
-- The watermark's own day is loaded again as a whole: more orders may have come since the last run.
select order_id, ordered_at, items, paid_by
from 'data/orders.csv'
where ($watermark is null or ordered_at >= date_trunc('day', cast($watermark as timestamp)))
  and ($until is null or ordered_at < cast($until as date))
