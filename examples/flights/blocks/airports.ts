import { readFile } from 'node:fs/promises';
import { block } from 'highwater';

const FILE = '../../node_modules/vega-datasets/data/airports.csv';

export default block(async ({ log }) => {
  const [, ...lines] = (await readFile(FILE, 'utf8')).trim().split('\n');
  const airports = lines.map(toAirport).filter(({ country }) => country === 'USA');
  log.info('read airports', { airports: airports.length, others: lines.length - airports.length });
  return airports;
});

function toAirport(line: string) {
  const [iata, name, city, state, country, latitude, longitude] = fieldsOf(line);
  return {
    iata,
    name,
    city,
    state,
    country,
    latitude: Number(latitude),
    longitude: Number(longitude),
  };
}

/** Some names hold a comma, and are in quotes for that. */
function fieldsOf(line: string): string[] {
  return [...line.matchAll(/(?:^|,)(?:"([^"]*)"|([^,]*))/g)].map(
    ([, quoted, bare]) => quoted ?? bare ?? '',
  );
}
