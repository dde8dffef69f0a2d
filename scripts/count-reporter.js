import { writeFileSync } from 'node:fs';

/** Leaves the numbers of passed and failed tests in the file that HIGHWATER_TEST_COUNTS names. */
export default class CountReporter {
  onTestRunEnd(modules, errors) {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const count = (state) => tests.filter((test) => test.result().state === state).length;
    // a file that cannot be read, or a hook that fails, has no failed test of its own
    const broken = modules.filter((module) => module.errors().length > 0).length;
    const suites = modules.flatMap((module) => [...module.children.allSuites()]);
    const brokenSuites = suites.filter((suite) => suite.errors().length > 0).length;
    const failed = count('failed') + broken + brokenSuites + errors.length;
    writeFileSync(
      process.env.HIGHWATER_TEST_COUNTS,
      JSON.stringify({ passed: count('passed'), failed }),
    );
  }
}
