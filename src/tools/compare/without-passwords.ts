// Arguments and settings as reports show them: who may read a build's summary is not who may log in.

const BLANKED = "***";

/** What follows --password, a password in JSON, and that of --account OLD=NEW:PASSWORD, are blanked. */
export const withoutPasswords = (text: string): string =>
  text
    .replace(/(--password[=\s]+)("[^"]*"|'[^']*'|[^\s"']+)/g, `$1${BLANKED}`)
    .replace(/(--account[=\s]+["']?[^\s"'=]+=[^\s"':]+:)[^\s"']+/g, `$1${BLANKED}`)
    .replace(/(password\\?["']\s*:\s*\\?["'])[^"'\\]*/g, `$1${BLANKED}`);
