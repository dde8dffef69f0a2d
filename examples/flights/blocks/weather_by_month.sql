select
  location as city,
  cast(date_trunc('month', date) as date) as month,
  count(*) as days,
  round(sum(precipitation), 1) as precipitation,
  max(temp_max) as warmest,
  min(temp_min) as coldest,
  avg(wind) as mean_wind,
  count(*) filter (where weather in ('rain', 'drizzle')) as wet_days
from '../../node_modules/vega-datasets/data/weather.csv'
where $city is null or location = $city
group by location, cast(date_trunc('month', date) as date)
order by city, month
