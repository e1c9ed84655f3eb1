import assert from "node:assert/strict";
import { test } from "node:test";
import { createDescriptorList, DescriptorList } from "../../src/memory/descriptor-list.ts";

test("what is open and not given away is there for whoever comes after", () => {
  const memory = createDescriptorList();
  const list = new DescriptorList(memory);
  for (const descriptor of [0, 20, 21, 22]) list.add(descriptor);
  list.remove(21);
  list.remove(99);
  list.add(23);
  const heir = new DescriptorList(memory);
  assert.deepEqual(heir.takeAll(), [0, 20, 23, 22]);
  assert.deepEqual(heir.takeAll(), []);
});

test("more than it has room for are left out, and places are used again", () => {
  const list = new DescriptorList(createDescriptorList());
  for (let descriptor = 0; descriptor < 100; descriptor++) list.add(descriptor);
  for (let descriptor = 0; descriptor < 100; descriptor++) list.remove(descriptor);
  assert.deepEqual(list.takeAll(), []);
  list.add(7);
  assert.deepEqual(list.takeAll(), [7]);
});
