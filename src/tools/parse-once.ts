// Command lines on which an option that has one value is given once: of two, parseArgs takes the last, and whoever gave
// both is not told which one that was.

import { type ParseArgsConfig, parseArgs } from "node:util";

/** As parseArgs does it. Throws, too, for an option that stands there twice and may not; switches may. */
export function parseOnce<Config extends ParseArgsConfig>(
  config: Config,
): ReturnType<typeof parseArgs<Config>> {
  const { tokens } = parseArgs({ ...(config as ParseArgsConfig), tokens: true });
  const names = tokens.flatMap((token) => (token.kind === "option" ? [token.name] : []));
  mustBeOnce(
    names.filter((name) => {
      const { type, multiple } = config.options?.[name] ?? {};
      return type === "string" && multiple !== true;
    }),
    "--",
  );
  return parseArgs(config);
}

/** The names of what was given, each of which has one meaning. Throws for one that is there twice. */
export function mustBeOnce(names: readonly string[], prefix: string): void {
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new Error(`${prefix}${twice} is given twice`);
}
