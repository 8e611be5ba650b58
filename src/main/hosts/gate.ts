/** Lets so many through at once; the others wait in their order. The number can shrink when a host grants fewer. */
export class Gate {
  #limit: number;
  #inside = 0;
  readonly #waiting: { enter: () => void; refuse: (reason: unknown) => void }[] = [];

  constructor(limit: number) {
    this.#limit = limit;
  }

  get inside(): number {
    return this.#inside;
  }

  /** Waits for a place; gives the function that frees it, which may be called more than once. Rejects when aborted. */
  async enter(signal?: AbortSignal): Promise<() => void> {
    signal?.throwIfAborted();
    if (this.#inside < this.#limit) this.#inside += 1;
    else await this.#wait(signal);
    let left = false;
    return () => {
      if (left) return;
      left = true;
      this.#inside -= 1;
      this.#next();
    };
  }

  /** From now on at most so many, at least one. */
  shrink(limit: number): void {
    this.#limit = Math.max(1, Math.min(this.#limit, limit));
  }

  #wait(signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const abort = () => waiter.refuse(signal?.reason);
      const waiter = {
        enter: () => {
          signal?.removeEventListener('abort', abort);
          resolve();
        },
        refuse: (reason: unknown) => {
          const at = this.#waiting.indexOf(waiter);
          if (at >= 0) this.#waiting.splice(at, 1);
          reject(reason);
        },
      };
      this.#waiting.push(waiter);
      signal?.addEventListener('abort', abort, { once: true });
    });
  }

  #next(): void {
    if (this.#inside >= this.#limit) return;
    const waiter = this.#waiting.shift();
    if (!waiter) return;
    this.#inside += 1;
    waiter.enter();
  }
}
