// A password for a tool. Its command line can be read by everybody on the machine, its environment by its own user only.

export const PASSWORD_VARIABLE = "TAILGATE_PASSWORD";

/** What was given as --password, or else in the environment; undefined: neither. */
export const givenPassword = (option: string | undefined): string | undefined =>
  option ?? (process.env[PASSWORD_VARIABLE] || undefined);
