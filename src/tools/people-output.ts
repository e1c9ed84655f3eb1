// Where people read what a tool does as it goes: stdout, or stderr when stdout is to hold nothing but JSON.

export class PeopleOutput {
  private readonly stream: NodeJS.WriteStream;

  constructor(isJson: boolean) {
    this.stream = isJson ? process.stderr : process.stdout;
  }

  /** A terminal has columns, as wide as it is now; a pipe or a file has none. */
  get columns(): number | undefined {
    return this.stream.columns;
  }

  tell(text: string): void {
    this.stream.write(`${text}\n`);
  }
}
