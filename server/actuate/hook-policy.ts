/** What a webhook or program is told of. */
export type HookNews = 'flip' | 'flip-proposed';

/** How one webhook or program is told, whatever it is. */
export type HookPolicy = {
  readonly name: string;
  readonly actuator: 'webhook' | 'exec';
  readonly on: readonly HookNews[];
  /** Attempts of one delivery before it is given up. */
  readonly attempts: number;
  /** Deliveries under way at once. */
  readonly atOnce: number;
  /** Deliveries that may wait; what comes beyond is given up at once. */
  readonly maxWaiting: number;
};

/** A webhook of the hub's own file. */
export type Webhook = HookPolicy & {
  readonly actuator: 'webhook';
  readonly url: string;
  /** Of one attempt, to the end of the answer's head. */
  readonly timeoutMs: number;
};

/** A program of the hub's own file, and nothing of anybody else's. */
export type HookProgram = HookPolicy & {
  readonly actuator: 'exec';
  /** Absolute path. */
  readonly program: string;
  readonly args: readonly string[];
  /** All the environment that it gets. */
  readonly env: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  /** Of what it says, so much is read; the rest is thrown away. */
  readonly maxOutputBytes: number;
};
