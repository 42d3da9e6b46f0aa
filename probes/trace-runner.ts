import type { HubFrame } from '../wire/hub-frames.ts';
import type { EventBody } from '../wire/probe-frames.ts';
import { type TraceRun, type TraceWay, traceOnce } from './measure/trace/mtr-probe.ts';
import type { ProbeTarget } from './probe-targets.ts';

/** What traces need from the outside. None of the callbacks may throw. */
export type TraceDeps = {
  /** mtr, by name or path. */
  readonly program: string;
  /** Off by the probe's own file: every order is answered with that. */
  readonly isEnabled: boolean;
  readonly protocol: TraceWay['protocol'];
  readonly targets: () => readonly ProbeTarget[];
  readonly sourceAddress: string | undefined;
  /** Highest fence seen: an order below it is from a hub that no longer leads. */
  readonly heldFence: () => number;
  readonly emit: (body: EventBody) => void;
  /** By how it ended. */
  readonly onEnded: (outcome: 'reached' | 'not-reached' | 'failed' | 'refused') => void;
  readonly onFault: (place: string, cause: unknown) => void;
};

const NO_TARGET = 'this probe has no such target';

/**
 * Carries out the hub's orders to trace, one at a time. The hub names a target; the address is the one that this probe's own
 * file gives it (safety rule 10). Every order that is not of an old hub is answered by one `trace` event.
 */
export class TraceRunner {
  readonly #deps: TraceDeps;
  readonly #stop = new AbortController();
  #underWay: Promise<void> | undefined;

  constructor(deps: TraceDeps) {
    this.#deps = deps;
  }

  /** Takes any frame of the hub, and acts on orders to trace. */
  take(frame: HubFrame): void {
    if (frame.type !== 'command' || frame.command.kind !== 'trace' || this.#stop.signal.aborted) return;
    const { heldFence, targets } = this.#deps;
    if (frame.fence < heldFence()) return;
    const { commandId } = frame;
    const name = frame.command.target;
    const target = targets().find((each) => each.target === name);
    const refusal = this.#refusal(target);
    if (!target || refusal !== undefined) {
      this.#deps.onEnded('refused');
      this.#deps.emit({ kind: 'trace', target: name, commandId, fault: refusal ?? NO_TARGET, hops: [] });
      return;
    }
    this.#underWay = this.#trace(commandId, target)
      .catch((cause: unknown) => this.#deps.onFault('trace', cause))
      .finally(() => {
        this.#underWay = undefined;
      });
  }

  /** Kills the program if it runs; resolves when it has ended. */
  async close(): Promise<void> {
    this.#stop.abort();
    await this.#underWay;
  }

  async #trace(commandId: string, { address, sourceAddress, target }: ProbeTarget): Promise<void> {
    const { emit, onEnded, program, protocol } = this.#deps;
    const way = { address, protocol, sourceAddress: sourceAddress ?? this.#deps.sourceAddress };
    const run = await traceOnce(program, way, this.#stop.signal);
    onEnded(outcomeOf(run));
    if (run.ok) emit({ kind: 'trace', target, commandId, isReached: run.isReached, hops: [...run.hops] });
    else emit({ kind: 'trace', target, commandId, fault: run.text, hops: [] });
  }

  #refusal(target: ProbeTarget | undefined): string | undefined {
    if (!this.#deps.isEnabled) return 'traces are turned off in the configuration of this probe';
    if (!target) return NO_TARGET;
    return this.#underWay ? 'another trace was under way' : undefined;
  }
}

function outcomeOf(run: TraceRun): 'reached' | 'not-reached' | 'failed' {
  if (!run.ok) return 'failed';
  return run.isReached ? 'reached' : 'not-reached';
}
