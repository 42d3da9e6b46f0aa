/** A secret that shows itself nowhere by accident: printing, logging or serialising it gives `[redacted]`. */
export class Secret {
  readonly #text: string;

  /** @param text - the secret itself; kept in memory as long as the object lives. */
  constructor(text: string) {
    this.#text = text;
  }

  /** The secret itself, for the one place that must send it. */
  reveal(): string {
    return this.#text;
  }

  toString(): string {
    return '[redacted]';
  }

  toJSON(): string {
    return '[redacted]';
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return '[redacted]';
  }
}
