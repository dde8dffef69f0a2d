import { Command } from 'commander';
import { Mute, MuteList, Notice, NoticePage, NoticeTestResult } from '../../api/contract/notice.ts';
import { durationMs, Duration } from '../../pipeline/duration.ts';
import { Fault } from '../../runtime/fault.ts';
import type { Connect } from '../api-client.ts';
import { currentUser } from '../current-user.ts';
import { USERS_FAULT } from '../exit-code.ts';
import { drawMutes, drawNotice, drawNotices } from '../notice-text.ts';

interface ListOptions {
  readonly state?: string;
  readonly kind?: string;
  readonly pipeline?: string;
  readonly limit: string;
  readonly json?: true;
}

interface MuteOptions {
  readonly pipeline?: string;
  readonly kind?: string;
  readonly for?: string;
  readonly until?: string;
  readonly reason?: string;
  readonly json?: true;
}

type Json = { readonly json?: true };

const HELP = `
--json prints [NoticeSummary], Notice, [Mute], Mute or NoticeTestResult: see /openapi.json.
Kinds: freshness, timeliness, anomaly, run_failed, missed_trigger, queue.

Examples:
  $ highwater notices list --state open,acknowledged
  $ highwater notices show 12                             who was told, and what went wrong
  $ highwater notices ack 12                              do not repeat it
  $ highwater notices mute --pipeline daily_sales --for 2h --reason "new source"
  $ highwater notices mutes
  $ highwater notices unmute 3
  $ highwater notices test slack                          does it arrive?`;

export function noticesCommand(connect: Connect): Command {
  return new Command('notices')
    .description('what should be known, who was told of it, and what is muted')
    .addHelpText('after', HELP)
    .addCommand(listCommand(connect))
    .addCommand(showCommand(connect))
    .addCommand(ackCommand(connect))
    .addCommand(muteCommand(connect))
    .addCommand(mutesCommand(connect))
    .addCommand(unmuteCommand(connect))
    .addCommand(testCommand(connect));
}

function listCommand(connect: Connect): Command {
  return new Command('list')
    .description('the newest first')
    .option(
      '--state <state>',
      'open, acknowledged, recovered, closed, or several with commas between',
    )
    .option('--kind <kind>', 'of this kind, or of several with commas between')
    .option('--pipeline <name>', 'only of this pipeline')
    .option('--limit <count>', 'how many', '20')
    .option('--json', 'print them as JSON')
    .action(async ({ json, ...options }: ListOptions) => {
      const client = await connect();
      const query = new URLSearchParams(options).toString();
      const page = await client.get(`/api/notices?${query}`, NoticePage);
      print(json, page.notices, drawNotices(page.notices));
    });
}

function showCommand(connect: Connect): Command {
  return new Command('show')
    .description('one notice and its deliveries')
    .argument('<notice>')
    .option('--json', 'print it as JSON')
    .action(async (id: string, { json }: Json) => {
      const client = await connect();
      const notice = await client.get(`/api/notices/${encodeURIComponent(id)}`, Notice);
      print(json, notice, drawNotice(notice));
    });
}

function ackCommand(connect: Connect): Command {
  return new Command('ack')
    .description('acknowledge a notice: it is not told again until it has recovered')
    .argument('<notice>')
    .option('--json', 'print it as JSON')
    .action(async (id: string, { json }: Json) => {
      const client = await connect();
      const path = `/api/notices/${encodeURIComponent(id)}/acknowledge`;
      const notice = await client.post(path, Notice, { body: { by: currentUser() } });
      const by = notice.acknowledged?.by ?? '';
      print(json, notice, [`Notice ${notice.id} is acknowledged by ${by}`]);
    });
}

function muteCommand(connect: Connect): Command {
  return new Command('mute')
    .description('tell nobody of notices, of all or of some')
    .option('--pipeline <name>', 'only of this pipeline')
    .option('--kind <kind>', 'only of this kind')
    .option('--for <duration>', 'such as 30m or 2h; for ever when left out')
    .option('--until <time>', 'such as 2026-12-24T18:00:00Z')
    .option('--reason <text>', 'why; it is kept on record, with your name')
    .option('--json', 'print it as JSON')
    .action(async (options: MuteOptions) => {
      const { pipeline, kind, reason, json } = options;
      const body = { pipeline, kind, reason, until: endOf(options), by: currentUser() };
      const client = await connect();
      const mute = await client.post('/api/mutes', Mute, { body });
      const lift = `Lift it with "highwater notices unmute ${mute.id}"`;
      print(json, mute, [...drawMutes([mute]), lift]);
    });
}

function mutesCommand(connect: Connect): Command {
  return new Command('mutes')
    .description('what is muted')
    .option('--all', 'also what is over')
    .option('--json', 'print them as JSON')
    .action(async ({ all, json }: Json & { readonly all?: true }) => {
      const client = await connect();
      const { mutes } = await client.get(`/api/mutes${all ? '?all=true' : ''}`, MuteList);
      print(json, mutes, drawMutes(mutes));
    });
}

function unmuteCommand(connect: Connect): Command {
  return new Command('unmute')
    .description('lift a mute')
    .argument('<mute>')
    .option('--json', 'print it as JSON')
    .action(async (id: string, { json }: Json) => {
      const client = await connect();
      const query = new URLSearchParams({ by: currentUser() }).toString();
      const mute = await client.delete(`/api/mutes/${encodeURIComponent(id)}?${query}`, Mute);
      print(json, mute, [`Mute ${mute.id} is lifted`]);
    });
}

function testCommand(connect: Connect): Command {
  return new Command('test')
    .description('send a test through a channel, and say how it went')
    .argument('<channel>')
    .option('--json', 'print it as JSON')
    .action(async (channel: string, { json }: Json) => {
      const client = await connect();
      const result = await client.post('/api/notices/test', NoticeTestResult, {
        body: { channel },
      });
      const { delivered, error, duration_ms } = result;
      const outcome = delivered ? `took it in ${duration_ms} ms` : 'did not take it';
      print(json, result, [`${channel} ${outcome}${error === null ? '' : `: ${error}`}`]);
      if (!delivered) process.exitCode = USERS_FAULT;
    });
}

function endOf({ for: length, until }: MuteOptions): string | undefined {
  if (length === undefined) return until;
  if (until !== undefined) throw new Fault('request.invalid', 'Say --for or --until, not both');
  if (!Duration.safeParse(length).success) {
    throw new Fault('request.invalid', `--for ${length}: write a duration such as 30m or 2h`);
  }
  return new Date(Date.now() + durationMs(length)).toISOString();
}

function print(json: true | undefined, value: unknown, lines: readonly string[]): void {
  process.stdout.write(json ? `${JSON.stringify(value, null, 2)}\n` : `${lines.join('\n')}\n`);
}
