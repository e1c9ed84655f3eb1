import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { PeopleOutput } from "../../src/tools/people-output.ts";

type Stream = "stdout" | "stderr";

/** What is told on that stream. */
function heardOn(t: TestContext, stream: Stream): string[] {
  const heard: string[] = [];
  t.mock.method(process[stream], "write", (text: string) => {
    heard.push(text);
    return true;
  });
  return heard;
}

function setColumns(t: TestContext, stream: Stream, columns: number | undefined): void {
  const before = Object.getOwnPropertyDescriptor(process[stream], "columns");
  Object.defineProperty(process[stream], "columns", { value: columns, configurable: true });
  t.after(() => {
    if (before) Object.defineProperty(process[stream], "columns", before);
    else Reflect.deleteProperty(process[stream], "columns");
  });
}

test("people read on stdout, and on stderr where stdout is for JSON", (t) => {
  for (const [isJson, stream, other] of [
    [false, "stdout", "stderr"],
    [true, "stderr", "stdout"],
  ] as const) {
    const heard = heardOn(t, stream);
    const heardOnOther = heardOn(t, other);
    new PeopleOutput(isJson).tell("a line");
    t.mock.restoreAll();
    assert.deepEqual([heard, heardOnOther], [["a line\n"], []]);
  }
});

test("the columns are those the terminal has now, and none where there is no terminal", (t) => {
  const people = new PeopleOutput(true);
  for (const columns of [120, 80, undefined]) {
    setColumns(t, "stderr", columns);
    assert.equal(people.columns, columns);
  }
});
