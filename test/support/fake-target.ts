// A gateway that is none: it prints the ready line and ends by SIGTERM, for tests of what is around it.
//
//   node fake-target.ts --set latency=1.5   runs against it measure one and a half times as long
//                       --set mode=silent   no ready line; "dies" ends after it was connected to

import { createServer } from "node:net";

const settings = new Map(
  process.argv
    .filter((word) => word.includes("="))
    .map((word) => {
      const at = word.indexOf("=");
      return [word.slice(0, at), word.slice(at + 1)] as const;
    }),
);
const mode = settings.get("mode") ?? "";
if (mode === "broken") {
  process.stderr.write("the fake target is broken\n");
  process.exit(3);
}
let connections = 0;
const server = createServer((socket) => {
  connections++;
  if (mode === "dies" && connections > 1) process.exit(9);
  // Its character, for the fake tool.
  socket.end(JSON.stringify({ latency: Number(settings.get("latency") ?? "1"), mode }));
});
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const order = { host: "127.0.0.1", port };
  process.stdout.write(`noise\n${JSON.stringify({ event: "ready", order })}\n`);
});
process.on("SIGTERM", () => process.exit());
