import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Test files that start whole commands, servers or browsers. */
const SLOW = /\/test\/(e2e|chaos)\/|\/browser\.test\.ts$/;

const isSlow = ({ moduleId }: TestSpecification): boolean => SLOW.test(moduleId);

/**
 * Begins with the slow files, so that none of them is left to the end, when one worker has it and the others nothing. Vitest itself
 * goes by the durations of the last run, which a fresh clone does not have, and then by the size of the files.
 */
export class SlowFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files); // oxlint-disable-line unicorn/no-array-sort -- a sequencer's, not an array's
    return [...sorted.filter(isSlow), ...sorted.filter((file) => !isSlow(file))];
  }
}
