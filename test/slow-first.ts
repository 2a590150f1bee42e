import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Test files that start whole commands, servers or browsers. */
const SLOW = /\/test\/(e2e|chaos|cli)\/|\/(browser|look)\.test\.ts$/;
/** Files of a project stay together: a process goes on with the next file of its own project alone. */
const PROJECTS = ["parts", "plain", "measured"];

const isSlow = ({ moduleId }: TestSpecification): boolean => SLOW.test(moduleId);
const place = ({ project }: TestSpecification): number => PROJECTS.indexOf(project.name);

/**
 * Begins with the slow files, so that none of them is left to the end, when one worker has it and the others nothing. Vitest itself
 * goes by the durations of the last run, which a fresh clone does not have, and then by the size of the files.
 */
export class SlowFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files); // oxlint-disable-line unicorn/no-array-sort -- a sequencer's, not an array's
    const slow = sorted.filter(isSlow).toSorted((one, other) => place(other) - place(one));
    const others = sorted.filter((file) => !isSlow(file)).toSorted((one, other) => place(one) - place(other));
    return [...slow, ...others];
  }
}
