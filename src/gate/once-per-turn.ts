// Work that asked for the next turn of the event loop: once, however often it asked. Main thread.

export class OncePerTurn {
  private readonly nextTurn: (callback: () => void) => void;
  private readonly run: () => void;
  private isDue = false;

  /** `nextTurn` calls back in the next turn, behind its sockets. */
  constructor(nextTurn: (callback: () => void) => void, work: () => void) {
    this.nextTurn = nextTurn;
    this.run = () => {
      this.isDue = false;
      work();
    };
  }

  ask(): void {
    if (this.isDue) return;
    this.isDue = true;
    this.nextTurn(this.run);
  }
}
