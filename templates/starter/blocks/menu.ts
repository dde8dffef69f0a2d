import { readFile } from 'node:fs/promises';
import { block } from 'highwater';

interface Dish {
  item: string;
  price: number;
}

// TypeScript is for what is awkward in SQL: an API to fetch, a nested document to flatten.
// What a block returns is its output: rows as here, a stream of them, or one JSON value.
export default block(async ({ log }) => {
  const { valid_from, ...categories } = JSON.parse(await readFile('data/menu.json', 'utf8'));
  const dishes = Object.entries(categories as Record<string, Dish[]>).flatMap(([category, list]) =>
    list.map(({ item, price }) => ({ category, item, price })),
  );
  log.info('read the menu', { valid_from, dishes: dishes.length });
  return dishes;
});
