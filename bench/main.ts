import { benchEngine } from './engine.ts';
import { benchFlights } from './flights.ts';

const json = process.argv.includes('--json');
const say = (line: string) => process.stderr.write(`${line}\n`);
const figures = { ...(await benchEngine(say)), ...(await benchFlights(say)) };
if (json) process.stdout.write(`${JSON.stringify(figures)}\n`);
