// Loaded by --import before anything else, on whatever Node there is: plain JavaScript, old syntax. Says what to
// do where the sources cannot run, instead of a syntax error. The status is that of NODE_UNSUPPORTED.

const MAJOR_MIN = 24;
const NODE_UNSUPPORTED_STATUS = 23;

const major = Number(process.versions.node.split(".")[0]);
const stripsTypes = process.features.typescript !== false;

if (major < MAJOR_MIN || !stripsTypes) {
  const problem =
    major < MAJOR_MIN
      ? `this is Node ${process.versions.node}, and Tailgate needs Node ${MAJOR_MIN} or newer`
      : "this Node was told not to strip types, and Tailgate runs from its TypeScript sources";
  process.stderr.write(
    `tailgate: ${problem}. On linux-x64 run "npm ci" and start through npm (npm start, npm run demo, npm test): ` +
      `npm scripts use the runtime pinned in package.json. Elsewhere install Node ${MAJOR_MIN} and put it first in PATH.\n`,
  );
  process.exit(NODE_UNSUPPORTED_STATUS);
}
