import { sql, type Kysely } from 'kysely';

/** What somebody should know: as it is raised, as it stands, who was told, and what is muted. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table raised_notice (
      id bigint generated always as identity primary key,
      kind text not null,
      severity text not null,
      pipeline_id int,
      execution_id bigint,
      subject text not null,
      recovered boolean not null,
      title text not null,
      message text not null,
      details jsonb not null,
      raised_at timestamptz not null default clock_timestamp()
    )`.execute(db);
  await sql`create index raised_notice_subject on raised_notice (subject)`.execute(db);

  // A notice may outlive the run that it is about: no reference, which would slow down every deletion.
  await sql`
    create table notice (
      id bigint generated always as identity primary key,
      subject text not null,
      kind text not null check (kind in ('freshness', 'timeliness', 'anomaly', 'run_failed',
        'missed_trigger', 'queue')),
      severity text not null check (severity in ('info', 'warning', 'error', 'critical')),
      pipeline_id int references pipeline on delete cascade,
      execution_id bigint,
      title text not null,
      message text not null,
      details jsonb not null,
      raised_count int not null default 1,
      first_raised_at timestamptz not null,
      last_raised_at timestamptz not null,
      told_at timestamptz,
      told_severity text,
      untold text check (untold in ('muted', 'acknowledged', 'repeated', 'no_route')),
      acknowledged_at timestamptz,
      acknowledged_by text,
      recovered_at timestamptz
    )`.execute(db);
  await sql`
    create unique index notice_open on notice (subject) where recovered_at is null`.execute(db);
  await sql`create index notice_pipeline on notice (pipeline_id, id desc)`.execute(db);

  await sql`
    create table notice_delivery (
      id bigint generated always as identity primary key,
      notice_id bigint not null references notice on delete cascade,
      event text not null check (event in ('opened', 'repeated', 'recovered')),
      channel text not null,
      state text not null default 'pending' check (state in ('pending', 'delivered', 'given_up')),
      message_id uuid not null default gen_random_uuid(),
      content jsonb not null,
      attempts int not null default 0,
      next_attempt_at timestamptz not null default clock_timestamp(),
      last_error text,
      created_at timestamptz not null default clock_timestamp(),
      ended_at timestamptz
    )`.execute(db);
  await sql`
    create index notice_delivery_notice on notice_delivery (notice_id, channel, id)`.execute(db);
  await sql`
    create index notice_delivery_due on notice_delivery (next_attempt_at)
      where state = 'pending'`.execute(db);

  await sql`
    create table notice_mute (
      id bigint generated always as identity primary key,
      pipeline_id int references pipeline on delete cascade,
      kind text,
      until timestamptz,
      reason text not null default '',
      created_at timestamptz not null default clock_timestamp(),
      created_by text not null,
      lifted_at timestamptz,
      lifted_by text
    )`.execute(db);
  await sql`
    create index notice_mute_pipeline on notice_mute (pipeline_id)`.execute(db);
}
