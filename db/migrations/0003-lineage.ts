import { sql, type Kysely } from 'kysely';

/** Where data live, what flows from where to where, and the events that tell other tools of it. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table address_type (
      id int generated always as identity primary key,
      name varchar(150) not null unique,
      group_name varchar(150) not null,
      created_at timestamptz not null default now(),
      updated_at timestamptz
    )`.execute(db);

  // Long enough for the URL of a file; an entry of a B-tree may hold 2,704 bytes.
  await sql`
    create table address (
      id int generated always as identity primary key,
      name varchar(600) not null unique,
      address_type_id int not null references address_type,
      database_name varchar(200),
      schema_name varchar(200),
      table_name varchar(200),
      primary_key varchar(200),
      address_metadata jsonb,
      input_hash text,
      created_at timestamptz not null default now(),
      updated_at timestamptz
    )`.execute(db);
  await sql`create index address_address_type on address (address_type_id)`.execute(db);

  await sql`
    create table address_lineage (
      id bigint generated always as identity primary key,
      pipeline_id int not null references pipeline on delete cascade,
      source_address_id int not null references address on delete cascade,
      target_address_id int not null references address on delete cascade,
      unique (pipeline_id, source_address_id, target_address_id)
    )`.execute(db);
  await sql`
    create index address_lineage_source on address_lineage (source_address_id, target_address_id)
      include (pipeline_id)`.execute(db);
  await sql`
    create index address_lineage_target on address_lineage (target_address_id, source_address_id)
      include (pipeline_id)`.execute(db);

  // From '*' to '*': every column but the excepted ones, each under its own name.
  await sql`
    create table column_lineage (
      pipeline_id int not null,
      source_address_id int not null,
      source_column text not null,
      target_address_id int not null,
      target_column text not null,
      except_columns text[] not null default '{}',
      primary key (pipeline_id, source_address_id, target_address_id, target_column, source_column),
      foreign key (pipeline_id, source_address_id, target_address_id)
        references address_lineage (pipeline_id, source_address_id, target_address_id)
        on delete cascade
    )`.execute(db);

  await sql`
    create index column_lineage_source on column_lineage (source_address_id)`.execute(db);
  await sql`
    create index column_lineage_target on column_lineage (target_address_id)`.execute(db);

  await createClosure(db);
  await createEvents(db);
}

/** Breadth first, each address once, so that cycles end and diamonds stay small. */
async function createClosure(db: Kysely<unknown>): Promise<void> {
  await sql`create type address_path as (id int, path int[])`.execute(db);
  await sql`
    create function address_descendants(start int)
      returns table (target_address_id int, depth int, lineage_path int[])
      language plpgsql stable rows 100 as $$
    declare
      level int := 0;
      seen int[] := array[start];
      frontier address_path[] := array[row(start, array[start])::address_path];
    begin
      while cardinality(frontier) > 0 loop
        return query select f.id, level, f.path from unnest(frontier) f;
        select coalesce(array_agg(row(n.id, n.path)::address_path), '{}'), seen || array_agg(n.id)
        into frontier, seen
        from (
          select distinct on (l.target_address_id) l.target_address_id as id,
            f.path || l.target_address_id as path
          from unnest(frontier) f
          join address_lineage l on l.source_address_id = f.id
          where not exists (select from unnest(seen) s where s = l.target_address_id)
          order by l.target_address_id, f.path
        ) n;
        level := level + 1;
      end loop;
    end $$`.execute(db);
  await sql`
    create view address_lineage_closure
      (source_address_id, target_address_id, depth, lineage_path) as
    select a.id, d.target_address_id, d.depth, d.lineage_path
    from address a cross join lateral address_descendants(a.id) d
    union all
    select distinct source_address_id, target_address_id, 1,
      array[source_address_id, target_address_id]
    from address_lineage where source_address_id = target_address_id`.execute(db);
}

async function createEvents(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table plan_lineage (
      version_hash text primary key references pipeline_version on delete cascade,
      lineage jsonb not null,
      created_at timestamptz not null default now()
    )`.execute(db);

  // Which lineage of which version the edges of a pipeline of ours are.
  await sql`alter table pipeline add column lineage_version text`.execute(db);

  await sql`create table open_lineage (emits boolean not null)`.execute(db);
  await sql`insert into open_lineage values (false)`.execute(db);
  await sql`
    create table open_lineage_event (
      id bigint generated always as identity primary key,
      execution_id bigint not null references pipeline_execution on delete cascade,
      event_type text not null check (event_type in ('START', 'COMPLETE', 'FAIL', 'ABORT')),
      occurred_at timestamptz not null default clock_timestamp(),
      attempts int not null default 0,
      next_attempt_at timestamptz not null default now(),
      refused_at timestamptz,
      last_error text,
      unique (execution_id, event_type)
    )`.execute(db);
  await sql`
    create index open_lineage_event_due on open_lineage_event (next_attempt_at)
      where refused_at is null`.execute(db);

  // In the transaction of the change itself, wherever that is made; runs of others have no workflow.
  await sql`
    create function note_open_lineage_event() returns trigger language plpgsql as $$
    begin
      insert into open_lineage_event (execution_id, event_type)
      select new.id, case new.state
          when 'running' then 'START'
          when 'succeeded' then 'COMPLETE'
          when 'failed' then 'FAIL'
          when 'timed_out' then 'FAIL'
          else 'ABORT'
        end
      from open_lineage where emits
      on conflict do nothing;
      if found then perform pg_notify('highwater_open_lineage', ''); end if;
      return null;
    end $$`.execute(db);
  await sql`
    create trigger pipeline_execution_open_lineage
      after update of state on pipeline_execution for each row
      when (new.workflow_id is not null and new.temporal_run_id is not null
        and new.state <> old.state and new.state <> 'queued')
      execute function note_open_lineage_event()`.execute(db);

  await sql`
    create table open_lineage_run (
      run_id uuid primary key,
      execution_id bigint not null references pipeline_execution on delete cascade,
      events text[] not null default '{}',
      inputs int[] not null default '{}',
      outputs int[] not null default '{}',
      columns jsonb not null default '[]'
    )`.execute(db);
  await sql`
    create index open_lineage_run_execution on open_lineage_run (execution_id)`.execute(db);
}
