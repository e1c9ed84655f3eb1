// A control socket without a gateway, where the default configuration has it in some working directory.

import { once } from "node:events";
import fs from "node:fs";
import net from "node:net";
import os from "node:os";
import path from "node:path";

/** It answers each line with `answer(line)`, or not at all. */
export async function withControlSocket(
  answer: (line: string) => string,
  use: (socketPath: string) => Promise<void>,
): Promise<void> {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), "control-"));
  const socketPath = path.join(directory, "journal", "control.sock");
  fs.mkdirSync(path.dirname(socketPath));
  const sockets = new Set<net.Socket>();
  const server = net.createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {}); // the client may leave first
    socket.on("data", (line) => socket.write(answer(String(line))));
  });
  server.listen(socketPath);
  await once(server, "listening");
  try {
    await use(socketPath);
  } finally {
    for (const socket of sockets) socket.destroy();
    server.close();
    fs.rmSync(directory, { recursive: true });
  }
}
