/** A number that changes with the list of runs. */
export const CHANGES = `
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
`;
