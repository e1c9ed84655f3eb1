import assert from "node:assert/strict";
import { test } from "node:test";
import { listedFiles } from "../../src/keeper/listed-files.ts";
import { createDescriptorList, DescriptorList } from "../../src/memory/descriptor-list.ts";
import { SimulatedDisk } from "../support/simulated-disk.ts";

test("open descriptors are in the list, and taken out before they are closed", () => {
  const disk = new SimulatedDisk("/journal");
  disk.put("/journal/a", Buffer.from("a"));
  const memory = createDescriptorList();
  const files = listedFiles(disk, new DescriptorList(memory));
  const [read, made] = [files.openToRead("/journal/a"), files.open("/journal/b", true)];
  files.close(read);
  // The call that fails has perhaps closed it: that number is nobody's to close again.
  disk.fail("close", "EIO");
  assert.throws(() => files.close(made), /EIO/);
  const left = files.open("/journal/a", false);
  assert.deepEqual(new DescriptorList(memory).takeAll(), [left]);
});
