/** The number that changes with the list of runs changes with the schedules, too. */
export const SCHEDULE_CHANGES = `
  CREATE TRIGGER changed AFTER INSERT OR DELETE OR UPDATE OF version ON bulkpatch.schedule
    FOR EACH STATEMENT EXECUTE FUNCTION bulkpatch.count_change();
`;
