// Ctrl-C: the first one ends a bench behind the run that is under way, so that what was measured is shown; the second is
// meant at once.

export class Interruption {
  isAsked = false;

  constructor() {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
      process.on(signal, () => {
        if (this.isAsked) process.exit(1);
        this.isAsked = true;
      });
    }
  }
}
