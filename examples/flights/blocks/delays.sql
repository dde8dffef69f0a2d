-- One row for each airport and day.
select
  flights.origin,
  cast(flights.date as date) as day,
  any_value(airports.name) as airport,
  any_value(airports.city) as city,
  any_value(airports.state) as state,
  count(*) as flights,
  avg(flights.delay) as mean_delay,
  max(flights.delay) as longest_delay,
  avg(case when flights.delay >= 15 then 1 else 0 end) as share_late
from flights
left join airports on airports.iata = flights.origin
group by flights.origin, cast(flights.date as date)
order by flights.origin, day
