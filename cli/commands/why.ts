import { Command } from 'commander';
import pc from 'picocolors';
import { WhyLate } from '../../api/contract/why-late.ts';
import type { Connect } from '../api-client.ts';

const HELP = `
What explains a cause stands below it.
--json prints what GET /api/pipelines/NAME/why-late answers: WhyLate in /openapi.json.

Examples:
  $ highwater why daily_sales
  $ highwater why daily_sales --json | jq -r '.causes[].kind'`;

export function whyCommand(connect: Connect): Command {
  return new Command('why')
    .description('find out why a pipeline is late')
    .argument('<pipeline>')
    .option('--json', 'print it as JSON')
    .addHelpText('after', HELP)
    .action(async (pipeline: string, { json }: { json?: true }) => {
      const client = await connect();
      const path = `/api/pipelines/${encodeURIComponent(pipeline)}/why-late`;
      const why = await client.get(path, WhyLate);
      process.stdout.write(json ? `${JSON.stringify(why, null, 2)}\n` : `${toText(why)}\n`);
    });
}

function toText(why: WhyLate): string {
  const { pipeline, late, freshness, timeliness, causes } = why;
  const troubles = [freshness, timeliness].filter(({ state }) => state === 'late');
  const head = late
    ? troubles.map(({ message, since }) => `${pipeline} is late since ${local(since)}: ${message}`)
    : [`${pipeline} is not late.`];
  if (causes.length === 0) return [...head, ...(late ? ['No cause was found.'] : [])].join('\n');
  return [...head, ...causes.flatMap(toLines)].join('\n');
}

function toLines({ depth, message, since, evidence }: WhyLate['causes'][number]): string[] {
  const indent = '  '.repeat(depth + 1);
  const facts = evidence.map(({ key, value }) => `${key}: ${value}`);
  if (since !== null) facts.unshift(`since ${local(since)}`);
  return [
    `${indent}${depth === 0 ? '•' : '↳'} ${message}`,
    ...(facts.length > 0 ? [pc.dim(`${indent}  ${facts.join(' · ')}`)] : []),
  ];
}

/** `2026-01-31 12:00:00` in the time zone of the reader. */
function local(time: string): string {
  return new Date(time).toLocaleString('sv-SE');
}
