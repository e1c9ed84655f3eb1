// Files whose open descriptors stand in a list, for the day on which the keeper dies. Keeper thread.

import type { Files } from "../journal/files.ts";
import type { DescriptorList } from "../memory/descriptor-list.ts";
import { boundFiles } from "./bound-files.ts";

export function listedFiles(files: Files, list: DescriptorList): Files {
  const listed = (descriptor: number): number => {
    list.add(descriptor);
    return descriptor;
  };
  return {
    ...boundFiles(files),
    open: (path, isNew) => listed(files.open(path, isNew)),
    openToRead: (path) => listed(files.openToRead(path)),
    close(descriptor) {
      list.remove(descriptor);
      files.close(descriptor);
    },
  };
}
