import { BUDGET_FUNCTIONS } from "./budget-functions.ts";

/** A step of the schema `bulkpatch`. Steps that were released are never changed; new ones are added at the end. */
export interface Migration {
  version: number;
  sql: string;
}

export const MIGRATIONS: readonly Migration[] = [
  {
    version: 1,
    sql: `
      CREATE TABLE bulkpatch.run (
        id          text PRIMARY KEY,
        seq         bigint GENERATED ALWAYS AS IDENTITY,
        name        text NOT NULL,
        state       text NOT NULL,
        reason      text,
        source      text NOT NULL,
        options     text NOT NULL,
        account_id  text NOT NULL,
        retry_of    text,
        events      text NOT NULL,
        report_dir  text,
        created_at  double precision NOT NULL,
        finished_at double precision,
        -- Of the call that wrote the state last: a call that is repeated because its answer was lost finds its own.
        call        text NOT NULL
      );
      CREATE INDEX ON bulkpatch.run (state);
      CREATE INDEX ON bulkpatch.run (created_at, seq);

      -- What was counted for a run: 'rows', each outcome, 'requests.total', … Apart from the run, which is wide and seldom changes.
      CREATE TABLE bulkpatch.tally (
        run_id text NOT NULL REFERENCES bulkpatch.run ON DELETE CASCADE,
        what   text NOT NULL,
        count  bigint NOT NULL,
        PRIMARY KEY (run_id, what)
      ) WITH (fillfactor = 50);

      CREATE TABLE bulkpatch.streak (
        run_id text PRIMARY KEY REFERENCES bulkpatch.run ON DELETE CASCADE,
        key    text NOT NULL,
        count  integer NOT NULL
      ) WITH (fillfactor = 50);

      -- What the file said (given) and how the row ended (ended), both as JSON that PostgreSQL only keeps:
      -- cells may hold characters that its json types refuse.
      CREATE TABLE bulkpatch.run_row (
        run_id  text NOT NULL REFERENCES bulkpatch.run ON DELETE CASCADE,
        n       integer NOT NULL,
        given   text NOT NULL,
        outcome text,
        ended   text,
        PRIMARY KEY (run_id, n)
      ) WITH (fillfactor = 75);

      -- Adds what was counted, in order of name, so that two workers can't block each other for ever.
      CREATE FUNCTION bulkpatch.add_counts(p_run text, p_what text[], p_count bigint[]) RETURNS void LANGUAGE sql AS $$
        INSERT INTO bulkpatch.tally AS t (run_id, what, count)
        SELECT p_run, c.what, c.count FROM unnest(p_what, p_count) AS c (what, count)
         WHERE c.count > 0 AND EXISTS (SELECT 1 FROM bulkpatch.run WHERE id = p_run) ORDER BY c.what
        ON CONFLICT (run_id, what) DO UPDATE SET count = t.count + excluded.count
      $$;

      -- Row by row, as each is then found by its key, whatever the planner knows of the table; in order of n for the same
      -- reason as above. Answers how many had not ended before.
      CREATE FUNCTION bulkpatch.record(p_run text, p_n integer[], p_outcome text[], p_ended text[]) RETURNS integer
        LANGUAGE plpgsql AS $$
      DECLARE
        v record;
        v_fresh text[] := '{}';
      BEGIN
        FOR v IN SELECT * FROM unnest(p_n, p_outcome, p_ended) AS i (n, outcome, ended) ORDER BY i.n LOOP
          UPDATE bulkpatch.run_row SET outcome = v.outcome, ended = v.ended
           WHERE run_id = p_run AND n = v.n AND outcome IS NULL;
          IF FOUND THEN
            v_fresh := v_fresh || v.outcome;
          END IF;
        END LOOP;
        PERFORM bulkpatch.add_counts(p_run, array_agg(c.outcome), array_agg(c.count))
           FROM (SELECT outcome, count(*) AS count FROM unnest(v_fresh) AS f (outcome) GROUP BY outcome) c;
        RETURN cardinality(v_fresh);
      END $$;

      CREATE TABLE bulkpatch.lease (
        name    text PRIMARY KEY,
        owner   text NOT NULL,
        expires timestamptz NOT NULL
      );

      CREATE TABLE bulkpatch.worker (
        id         text PRIMARY KEY,
        host       text NOT NULL,
        pid        integer NOT NULL,
        started_at double precision NOT NULL,
        expires    timestamptz NOT NULL
      );

      -- Times in milliseconds since 1970 by this database's clock.
      CREATE TABLE bulkpatch.budget (
        key           text PRIMARY KEY,
        last_slot     double precision NOT NULL DEFAULT 0,
        closed_until  double precision NOT NULL DEFAULT 0,
        slow_interval double precision NOT NULL DEFAULT 0,
        slow_until    double precision NOT NULL DEFAULT 0,
        epoch         integer NOT NULL DEFAULT 0,
        granted       bigint NOT NULL DEFAULT 0
      ) WITH (fillfactor = 10);

      CREATE FUNCTION bulkpatch.now_ms() RETURNS double precision LANGUAGE sql VOLATILE AS
        $$ SELECT (extract(epoch FROM clock_timestamp()) * 1000)::double precision $$;

      CREATE FUNCTION bulkpatch.reserve(p_key text, p_count integer, p_interval double precision)
        RETURNS TABLE (wait_ms double precision, interval_ms double precision, epoch integer, granted double precision)
        LANGUAGE plpgsql AS $$
      DECLARE
        b bulkpatch.budget;
        v_now double precision;
        v_first double precision;
        v_interval double precision := p_interval;
      BEGIN
        SELECT * INTO b FROM bulkpatch.budget WHERE key = p_key FOR UPDATE;
        IF NOT FOUND THEN
          INSERT INTO bulkpatch.budget (key) VALUES (p_key) ON CONFLICT DO NOTHING;
          SELECT * INTO b FROM bulkpatch.budget WHERE key = p_key FOR UPDATE;
        END IF;
        -- The clock is read when the row is ours: waiting for it must not put a slot into the past.
        v_now := bulkpatch.now_ms();
        IF b.slow_until > v_now THEN
          v_interval := greatest(p_interval, b.slow_interval);
        END IF;
        v_first := greatest(v_now, b.last_slot + v_interval, b.closed_until);
        UPDATE bulkpatch.budget t
           SET last_slot = v_first + (p_count - 1) * v_interval, granted = b.granted + p_count
         WHERE key = p_key;
        RETURN QUERY SELECT v_first - v_now, v_interval, b.epoch, (b.granted + p_count)::double precision;
      END $$;

      CREATE FUNCTION bulkpatch.close_budget(p_key text, p_for double precision) RETURNS void LANGUAGE plpgsql AS $$
      DECLARE
        v_now double precision;
      BEGIN
        INSERT INTO bulkpatch.budget (key) VALUES (p_key) ON CONFLICT DO NOTHING;
        PERFORM 1 FROM bulkpatch.budget WHERE key = p_key FOR UPDATE;
        v_now := bulkpatch.now_ms();
        UPDATE bulkpatch.budget
           SET closed_until = greatest(closed_until, v_now + p_for), last_slot = least(last_slot, v_now), epoch = epoch + 1
         WHERE key = p_key;
      END $$;
    `,
  },
  {
    version: 2,
    sql: `
      -- Documents are JSON that PostgreSQL only keeps (src/schedules/).
      CREATE TABLE bulkpatch.schedule (
        name     text PRIMARY KEY,
        version  integer NOT NULL,
        document text NOT NULL,
        -- Of the call that wrote it last: a call that is repeated because its answer was lost finds its own.
        call     text NOT NULL
      );

      CREATE TABLE bulkpatch.occasion (
        schedule   text NOT NULL REFERENCES bulkpatch.schedule ON DELETE CASCADE,
        due_at     double precision NOT NULL,
        account_id text NOT NULL,
        state      text NOT NULL,
        version    integer NOT NULL,
        document   text NOT NULL,
        PRIMARY KEY (schedule, due_at)
      );
      -- An account has one reconciliation at a time.
      CREATE UNIQUE INDEX ON bulkpatch.occasion (account_id) WHERE state = 'running';

      CREATE TABLE bulkpatch.known_entry (
        schedule text NOT NULL REFERENCES bulkpatch.schedule ON DELETE CASCADE,
        entry_id text NOT NULL,
        document text NOT NULL,
        PRIMARY KEY (schedule, entry_id)
      );

      -- Replaces a schedule's document, adds occasions (p_) and changes one (c_): all of it or nothing.
      CREATE FUNCTION bulkpatch.schedule_step(
        p_name text, p_version integer, p_call text, p_document text, p_account text,
        p_due double precision[], p_state text[], p_documents text[],
        c_due double precision, c_version integer, c_state text, c_document text
      ) RETURNS text LANGUAGE plpgsql AS $$
      DECLARE
        v bulkpatch.schedule;
      BEGIN
        SELECT * INTO v FROM bulkpatch.schedule WHERE name = p_name FOR UPDATE;
        IF v.call = p_call THEN RETURN 'done'; END IF;
        IF NOT FOUND OR v.version <> p_version THEN RETURN 'changed'; END IF;
        IF c_due IS NOT NULL THEN
          PERFORM 1 FROM bulkpatch.occasion WHERE schedule = p_name AND due_at = c_due AND version = c_version;
          IF NOT FOUND THEN RETURN 'changed'; END IF;
        END IF;
        IF 'running' = ANY (p_state) THEN
          PERFORM pg_advisory_xact_lock(hashtext('bulkpatch.occasion ' || p_account));
          IF EXISTS (SELECT 1 FROM bulkpatch.occasion WHERE account_id = p_account AND state = 'running') THEN
            RETURN 'busy';
          END IF;
          IF EXISTS (SELECT 1 FROM unnest(p_due, p_state) AS a (due, state) JOIN bulkpatch.occasion o
                         ON o.schedule = p_name AND o.due_at = a.due WHERE a.state = 'running') THEN
            RETURN 'changed';
          END IF;
        END IF;
        -- Only from here on is anything written: the schedule's row, which is locked, stands for its occasions.
        UPDATE bulkpatch.occasion SET state = c_state, document = c_document, version = version + 1
         WHERE schedule = p_name AND due_at = c_due;
        UPDATE bulkpatch.schedule SET document = p_document, version = p_version + 1, call = p_call WHERE name = p_name;
        INSERT INTO bulkpatch.occasion (schedule, due_at, account_id, state, version, document)
        SELECT p_name, a.due, p_account, a.state, 1, a.document FROM unnest(p_due, p_state, p_documents) AS a (due, state, document)
        ON CONFLICT (schedule, due_at) DO NOTHING;
        RETURN 'done';
      END $$;

      CREATE FUNCTION bulkpatch.keep_entries(p_schedule text, p_id text[], p_document text[]) RETURNS void LANGUAGE plpgsql AS $$
      BEGIN
        DELETE FROM bulkpatch.known_entry k USING unnest(p_id, p_document) AS e (id, document)
         WHERE k.schedule = p_schedule AND k.entry_id = e.id AND e.document IS NULL;
        INSERT INTO bulkpatch.known_entry (schedule, entry_id, document)
        SELECT p_schedule, e.id, e.document FROM unnest(p_id, p_document) AS e (id, document)
         WHERE e.document IS NOT NULL AND EXISTS (SELECT 1 FROM bulkpatch.schedule WHERE name = p_schedule) ORDER BY e.id
        ON CONFLICT (schedule, entry_id) DO UPDATE SET document = excluded.document;
      END $$;
    `,
  },
  {
    version: 3,
    sql: `
      -- Each change of a lease's owner has a greater token.
      CREATE SEQUENCE bulkpatch.fence;
      ALTER TABLE bulkpatch.lease ADD COLUMN token bigint NOT NULL DEFAULT 0;
    `,
  },
  {
    version: 4,
    sql: `
      -- Who said that it was alive before this was known works for no account, and says so again within seconds.
      ALTER TABLE bulkpatch.worker ADD COLUMN account_id text NOT NULL DEFAULT '';
    `,
  },
  {
    version: 5,
    sql: `
      -- Which rows ended with an outcome, or with a code of one kind (row-groups.ts), 1,024 positions in each block. Apart from
      -- run_row, as an index there would cost each row that ends a new version in every index.
      CREATE TABLE bulkpatch.row_mark (
        run_id text NOT NULL REFERENCES bulkpatch.run ON DELETE CASCADE,
        mark   text NOT NULL,
        block  integer NOT NULL,
        bits   bit(1024) NOT NULL,
        PRIMARY KEY (run_id, mark, block)
      ) WITH (fillfactor = 50);

      -- Rows that ended alike, with a sample of their messages.
      CREATE TABLE bulkpatch.cause (
        run_id  text NOT NULL REFERENCES bulkpatch.run ON DELETE CASCADE,
        cause   text NOT NULL,
        count   bigint NOT NULL,
        message text NOT NULL,
        PRIMARY KEY (run_id, cause)
      ) WITH (fillfactor = 50);

      -- For rows that have just ended, each with the place of its group among the groups (g_): marks them and counts their causes,
      -- in order of the keys for the same reason as add_counts.
      CREATE FUNCTION bulkpatch.mark_rows(p_run text, p_n integer[], p_group integer[],
        g_outcome text[], g_mark text[], g_cause text[], g_rest text[], g_message text[], p_causes integer
      ) RETURNS void LANGUAGE plpgsql AS $$
      BEGIN
        INSERT INTO bulkpatch.row_mark AS m (run_id, mark, block, bits)
        SELECT p_run, k.mark, f.n / 1024, bit_or(set_bit(0::bit(1024), f.n % 1024, 1))
          FROM unnest(p_n, p_group) AS f (n, g)
         CROSS JOIN LATERAL (VALUES (g_outcome[f.g]), (g_mark[f.g])) AS k (mark)
         WHERE k.mark IS NOT NULL GROUP BY 2, 3 ORDER BY 2, 3
        ON CONFLICT (run_id, mark, block) DO UPDATE SET bits = m.bits | excluded.bits;

        INSERT INTO bulkpatch.cause AS c (run_id, cause, count, message)
        SELECT p_run, f.cause, count(*), min(g_message[f.g]) FROM (
          SELECT i.g, CASE WHEN known.count + i.g <= p_causes
                            OR EXISTS (SELECT FROM bulkpatch.cause WHERE run_id = p_run AND cause = g_cause[i.g])
                           THEN g_cause[i.g] ELSE g_rest[i.g] END AS cause
            FROM unnest(p_group) AS i (g), (SELECT count(*) FROM bulkpatch.cause WHERE run_id = p_run) AS known
        ) f GROUP BY f.cause ORDER BY f.cause
        ON CONFLICT (run_id, cause) DO UPDATE SET count = c.count + excluded.count;
      END $$;

      DROP FUNCTION bulkpatch.record;
      -- Row by row, as each is then found by its key, whatever the planner knows of the table; in order of n for the same
      -- reason as above. Answers how many had not ended before.
      CREATE FUNCTION bulkpatch.record(p_run text, p_n integer[], p_ended text[], p_group integer[],
        g_outcome text[], g_mark text[], g_cause text[], g_rest text[], g_message text[], p_causes integer
      ) RETURNS integer LANGUAGE plpgsql AS $$
      DECLARE
        v record;
        v_n integer[] := '{}';
        v_group integer[] := '{}';
      BEGIN
        FOR v IN SELECT * FROM unnest(p_n, p_ended, p_group) AS i (n, ended, g) ORDER BY i.n LOOP
          UPDATE bulkpatch.run_row SET outcome = g_outcome[v.g], ended = v.ended
           WHERE run_id = p_run AND n = v.n AND outcome IS NULL;
          IF FOUND THEN
            v_n := v_n || v.n;
            v_group := v_group || v.g;
          END IF;
        END LOOP;
        IF cardinality(v_n) > 0 THEN
          PERFORM bulkpatch.mark_rows(p_run, v_n, v_group, g_outcome, g_mark, g_cause, g_rest, g_message, p_causes);
          PERFORM bulkpatch.add_counts(p_run, array_agg(c.outcome), array_agg(c.count))
             FROM (SELECT g_outcome[g] AS outcome, count(*) AS count FROM unnest(v_group) AS f (g) GROUP BY 1) c;
        END IF;
        RETURN cardinality(v_n);
      END $$;

      -- Rows that come with an end have the place of its group, others 0. False where the lease has another token.
      CREATE FUNCTION bulkpatch.stage(p_run text, p_n integer[], p_given text[], p_ended text[], p_group integer[],
        g_outcome text[], g_mark text[], g_cause text[], g_rest text[], g_message text[], p_causes integer,
        p_lease text, p_token bigint
      ) RETURNS boolean LANGUAGE plpgsql AS $$
      DECLARE
        v_rows bigint;
        v_n integer[];
        v_group integer[];
      BEGIN
        IF p_lease IS NOT NULL THEN
          PERFORM FROM bulkpatch.lease WHERE name = p_lease AND token = p_token FOR SHARE;
          IF NOT FOUND THEN RETURN false; END IF;
        END IF;
        WITH fresh AS (
          INSERT INTO bulkpatch.run_row (run_id, n, given, outcome, ended)
          SELECT p_run, i.n, i.given, g_outcome[i.g], i.ended FROM unnest(p_n, p_given, p_ended, p_group) AS i (n, given, ended, g)
          ON CONFLICT DO NOTHING RETURNING n
        ) SELECT count(*), array_agg(i.n) FILTER (WHERE i.g > 0), array_agg(i.g) FILTER (WHERE i.g > 0) INTO v_rows, v_n, v_group
            FROM unnest(p_n, p_group) AS i (n, g) JOIN fresh USING (n);
        IF v_n IS NOT NULL THEN
          PERFORM bulkpatch.mark_rows(p_run, v_n, v_group, g_outcome, g_mark, g_cause, g_rest, g_message, p_causes);
        END IF;
        PERFORM bulkpatch.add_counts(p_run, array_agg(c.what), array_agg(c.count))
           FROM (SELECT 'rows' AS what, v_rows AS count
                  UNION ALL SELECT g_outcome[g], count(*) FROM unnest(v_group) AS f (g) GROUP BY 1) c;
        RETURN true;
      END $$;
    `,
  },
  {
    version: 6,
    sql: `
      -- Requests by the minute (milliseconds since 1970), of a run ('run:…') and of an account ('account:…').
      CREATE TABLE bulkpatch.traffic (
        scope    text NOT NULL,
        minute   double precision NOT NULL,
        kind     text NOT NULL,
        status   text NOT NULL,
        requests bigint NOT NULL,
        PRIMARY KEY (scope, minute, kind, status)
      ) WITH (fillfactor = 50);

      -- Each minute is counted in each scope; what is a day older than the newest of them is forgotten.
      CREATE FUNCTION bulkpatch.add_requests(p_run text, p_what text[], p_count bigint[], p_scope text[], p_kept double precision,
        p_minute double precision[], p_kind text[], p_status text[], p_requests bigint[]
      ) RETURNS void LANGUAGE plpgsql AS $$
      BEGIN
        PERFORM bulkpatch.add_counts(p_run, p_what, p_count);
        IF cardinality(p_minute) = 0 OR NOT EXISTS (SELECT FROM bulkpatch.run WHERE id = p_run) THEN RETURN; END IF;
        INSERT INTO bulkpatch.traffic AS t (scope, minute, kind, status, requests)
        SELECT s.scope, c.minute, c.kind, c.status, c.requests
          FROM unnest(p_scope) AS s (scope), unnest(p_minute, p_kind, p_status, p_requests) AS c (minute, kind, status, requests)
         ORDER BY 1, 2, 3, 4
        ON CONFLICT (scope, minute, kind, status) DO UPDATE SET requests = t.requests + excluded.requests;
        DELETE FROM bulkpatch.traffic WHERE scope = ANY (p_scope) AND minute < (SELECT max(m) FROM unnest(p_minute) AS u (m)) - p_kept;
      END $$;
    `,
  },
  { version: 7, sql: BUDGET_FUNCTIONS },
  {
    version: 8,
    sql: `
      -- Counts changes of which runs there are, and of their states.
      CREATE TABLE bulkpatch.change (count bigint NOT NULL) WITH (fillfactor = 10);
      INSERT INTO bulkpatch.change VALUES (0);
      CREATE FUNCTION bulkpatch.count_change() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        UPDATE bulkpatch.change SET count = count + 1;
        RETURN NULL;
      END $$;
      CREATE TRIGGER changed AFTER INSERT OR DELETE OR UPDATE OF state ON bulkpatch.run
        FOR EACH STATEMENT EXECUTE FUNCTION bulkpatch.count_change();
    `,
  },
  {
    version: 9,
    sql: `
      DROP FUNCTION bulkpatch.record;
      -- As before, in one statement, and counts requests in the same step (as add_requests does). Each row is found by its key,
      -- whatever the planner knows of the table, and in order of n.
      CREATE FUNCTION bulkpatch.record(p_run text, p_n integer[], p_ended text[], p_group integer[],
        g_outcome text[], g_mark text[], g_cause text[], g_rest text[], g_message text[], p_causes integer,
        r_what text[], r_count bigint[], r_scope text[], r_kept double precision,
        r_minute double precision[], r_kind text[], r_status text[], r_requests bigint[]
      ) RETURNS integer LANGUAGE plpgsql
        SET enable_seqscan = off SET enable_bitmapscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
      DECLARE
        v_n integer[];
        v_group integer[];
      BEGIN
        WITH fresh AS (
          UPDATE bulkpatch.run_row r SET outcome = g_outcome[i.g], ended = i.ended
            FROM (SELECT * FROM unnest(p_n, p_ended, p_group) AS u (n, ended, g) ORDER BY u.n) i
           WHERE r.run_id = p_run AND r.n = i.n AND r.outcome IS NULL
          RETURNING r.n, i.g
        ) SELECT array_agg(n), array_agg(g) INTO v_n, v_group FROM fresh;
        IF v_n IS NOT NULL THEN
          PERFORM bulkpatch.mark_rows(p_run, v_n, v_group, g_outcome, g_mark, g_cause, g_rest, g_message, p_causes);
          PERFORM bulkpatch.add_counts(p_run, array_agg(c.outcome), array_agg(c.count))
             FROM (SELECT g_outcome[g] AS outcome, count(*) AS count FROM unnest(v_group) AS f (g) GROUP BY 1) c;
        END IF;
        IF cardinality(r_what) > 0 THEN
          PERFORM bulkpatch.add_requests(p_run, r_what, r_count, r_scope, r_kept, r_minute, r_kind, r_status, r_requests);
        END IF;
        RETURN coalesce(cardinality(v_n), 0);
      END $$;
    `,
  },
];

/** The version that this bulkpatch works with. */
export const latestVersion = Math.max(...MIGRATIONS.map((m) => m.version));
