/** Schedules, their occasions, and the entries that each knows. */
export const SCHEDULES = `
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
`;
