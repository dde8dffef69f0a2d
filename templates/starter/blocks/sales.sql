-- Each input is a view with the name that it has in the pipeline: here `orders` and `menu`.
with
  line as (
    select
      cast(ordered_at as date) as day,
      unnest(string_split(items, ';')) as text -- '2 espresso; 1 croissant'
    from orders
  ),
  sold as (
    select
      day,
      cast(regexp_extract(text, '(\d+) (.+)', 1) as integer) as quantity,
      regexp_extract(text, '(\d+) (.+)', 2) as item
    from line
  )
select
  sold.day,
  sold.item,
  menu.category,
  cast(sum(sold.quantity) as bigint) as quantity,
  round(sum(sold.quantity * menu.price), 2) as revenue
from sold
join menu on menu.item = sold.item
group by sold.day, sold.item, menu.category
order by sold.day, revenue desc
