/** Runs, their rows, leases and workers; the budget of that time, and its functions, went with the step for the ledger. */
export const RUNS = `
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
`;
