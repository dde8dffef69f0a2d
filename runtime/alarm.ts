/** Lets one caller sleep until somebody rings. It remembers a ring that came while nobody slept. */
export class Alarm {
  private rung = false;
  private wake: (() => void) | undefined;

  ring(): void {
    this.rung = true;
    this.wake?.();
  }

  /** Resolves at the next ring, or after `ms`; answers whether somebody rang. */
  async sleep(ms: number): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined;
    if (!this.rung) {
      await new Promise<void>((resolve) => {
        this.wake = resolve;
        timer = setTimeout(resolve, ms);
      });
    }
    clearTimeout(timer);
    const { rung } = this;
    this.rung = false;
    this.wake = undefined;
    return rung;
  }
}
