import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { countTests, failedTests, formatCount } from "../../tools/junit.ts";

const DENO = `<testsuites name="deno test" tests="6" failures="2" errors="0" time="0.136">
    <testsuite name="./a_test.ts" tests="1" disabled="0" errors="0" failures="1">
        <testcase name="A" classname="./a_test.ts" time="0.024" line="3" col="1">
            <failure message="1 test step failed">1 test step failed.</failure>
        </testcase>
    </testsuite>
    <testsuite name="ext:deno_node/testing.ts" tests="5" disabled="1" errors="0" failures="1">
        <testcase name="A &gt; one" classname="ext:deno_node/testing.ts" time="0.000" line="1" col="23191">
        </testcase>
        <testcase name="A &gt; two" classname="ext:deno_node/testing.ts" time="0.017" line="1" col="21231">
            <failure message="Uncaught">AssertionError: &lt;testcase&gt;</failure>
        </testcase>
        <testcase name="A &gt; three" classname="ext:deno_node/testing.ts" time="0.000" line="1" col="21231">
            <skipped/>
        </testcase>
        <testcase name="A &gt; B" classname="ext:deno_node/testing.ts" time="0.001" line="1" col="21231">
        </testcase>
        <testcase name="A &gt; B &gt; inner" classname="ext:deno_node/testing.ts" time="0.000" line="1" col="2">
        </testcase>
    </testsuite>
</testsuites>`;

const BUN = `<testsuites name="bun test" tests="4" assertions="0" failures="1" skipped="1" time="0.046232113">
  <testsuite name="a_test.ts" file="a_test.ts" tests="4" assertions="0" failures="1" skipped="1" time="0.03">
    <testsuite name="A" file="a_test.ts" line="3" tests="4" assertions="0" failures="1" skipped="1" time="0.002">
      <testcase name="one" classname="A" time="0.001213" file="a_test.ts" line="3" assertions="0" />
      <testcase name="two" classname="A" time="0.001432" file="a_test.ts" line="3" assertions="0">
        <failure type="AssertionError" message="1 !== 2">AssertionError: 1 !== 2</failure>
      </testcase>
      <testcase name="three" classname="A" time="0" file="a_test.ts" line="3" assertions="0">
        <skipped message="TODO" />
      </testcase>
      <testsuite name="B" file="a_test.ts" line="3" tests="1" assertions="0" failures="0" skipped="0" time="0">
        <testcase name="inner" classname="B &gt; A" time="0.000044" file="a_test.ts" line="3" assertions="0" />
      </testsuite>
    </testsuite>
  </testsuite>
</testsuites>`;

const NODE = `<testsuites>
	<testsuite name="A" time="0.006007" disabled="0" errors="0" tests="4" failures="1" skipped="1">
		<testcase name="one" time="0.001258" classname="A" file="a_test.ts"/>
		<testcase name="two" time="0.001482" classname="A" file="a_test.ts" failure="1 !== 2">
			<failure type="testCodeFailure" message="1 !== 2">
AssertionError: 1 !== 2
			</failure>
		</testcase>
		<testcase name="three" time="0.000246" classname="A" file="a_test.ts">
			<skipped type="skipped" message="true"/>
		</testcase>
		<testsuite name="B" time="0.000547" disabled="0" errors="0" tests="1" failures="0" skipped="0">
			<testcase name="inner" time="0.000264" classname="A.B" file="a_test.ts"/>
		</testsuite>
	</testsuite>
	<!-- tests 4 -->
</testsuites>`;

describe("countTests()", () => {
  for (const [runner, report] of Object.entries({ DENO, BUN, NODE })) {
    it(`counts the same tests alike in the report of ${runner.toLowerCase()}`, () => {
      assert.deepEqual(countTests(report), { passed: 2, failed: 1, skipped: 1 });
    });
  }

  it("counts nothing where there is no report", () => {
    assert.deepEqual(countTests(""), { passed: 0, failed: 0, skipped: 0 });
  });
});

describe("failedTests()", () => {
  it("names each, with what it said, in a line", () => {
    assert.deepEqual(failedTests(DENO), ["A > two: Uncaught"]);
    assert.deepEqual(failedTests(BUN), ["a_test.ts: A: two: 1 !== 2"]);
    assert.deepEqual(failedTests(NODE), ["a_test.ts: A: two: 1 !== 2"]);
  });

  it("takes back what XML escapes, and each line break", () => {
    const report = `<testcase name="a &lt;b&gt;" classname="./a_test.ts" file="a_test.ts">
      <failure message="&quot;x&quot; &amp;&amp;&#10;\n&apos;y&apos;&#39;">at a_test.ts</failure></testcase>`;
    assert.deepEqual(failedTests(report), [`a_test.ts: ./a_test.ts: a <b>: "x" && 'y''`]);
  });

  it("names nothing where all passed", () => {
    assert.deepEqual(failedTests('<testcase name="a"></testcase>'), []);
  });
});

describe("formatCount()", () => {
  it("is the line that .ci/run adds up", () => {
    assert.equal(formatCount("bun", { passed: 2, failed: 1, skipped: 0 }), "bun: 2 passed, 1 failed");
    assert.equal(
      formatCount("bun", { passed: 2, failed: 1, skipped: 3 }),
      "bun: 2 passed, 1 failed, 3 skipped",
    );
  });
});
