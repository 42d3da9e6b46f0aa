import { performance } from 'node:perf_hooks';
import type { LineMeasurement } from '../wire/host-measurement.ts';
import type { CommandFrame, HubFrame } from '../wire/hub-frames.ts';
import { allowLine, type BegunLine, type LineLimits } from './line-allowance.ts';
import { type LegResult, runLeg } from './measure/line/line-leg-client.ts';
import { type LineListener, type LineRefusal, listenForLine } from './measure/line/line-listener-server.ts';
import type { LineBounds, LineDirection } from './measure/line/line-record.ts';
import { lineKey } from './measure/line/line-seal-probe.ts';

/** A peer as the probe's own file names it. */
export type LinePeer = {
  readonly pbx: string;
  readonly target: string;
  /** IP literal. */
  readonly address: string;
  readonly port: number;
};

/** What transfers need from the outside. None of the callbacks may throw. */
export type LineDeps = {
  /** Off unless the probe's own file turns it on. */
  readonly isEnabled: boolean;
  readonly peers: readonly LinePeer[];
  readonly sourceAddress: string | undefined;
  /** Open for the time of an order only; 0 lets the system choose. */
  readonly port: number;
  /** By the probe's own file: no order goes beyond. */
  readonly bounds: LineBounds;
  /** By the probe's own file too: how often, and how much in a day. */
  readonly limits: LineLimits;
  /** From so many live calls on the line is left to them. */
  readonly yieldAtCalls: number;
  /** Live calls of this PBX now; undefined while Asterisk cannot be asked. */
  readonly liveCalls: () => number | undefined;
  /** Highest fence seen: an order below it is from a hub that no longer leads. */
  readonly heldFence: () => number;
  readonly onMeasurement: (measurement: LineMeasurement) => void;
  /** An order, or a connection during one, got nothing. */
  readonly onRefused: (
    reason: LineRefusal | 'unknown-peer' | 'turned-off' | 'another-transfer' | 'too-soon' | 'day-spent',
  ) => void;
  /** The port is open for one session. */
  readonly onListening?: (port: number) => void;
  readonly onFault: (place: string, cause: unknown) => void;
};

type Order = Extract<CommandFrame['command'], { readonly kind: 'line-test' }>;

/**
 * Carries out the hub's orders to measure a line, one at a time. The hub names a peer and a key; where the peer is, and how
 * much at most, stands in this probe's own file (safety rule 10). The sender measures both directions and tells of each;
 * the receiver opens its port for that long and tells of nothing.
 */
export class LineRunner {
  readonly #deps: LineDeps;
  readonly #stop = new AbortController();
  #listener: LineListener | undefined;
  #underWay: Promise<void> | undefined;
  #begun: readonly BegunLine[] = [];

  constructor(deps: LineDeps) {
    this.#deps = deps;
  }

  /** Takes any frame of the hub, and acts on orders for a transfer. */
  take(frame: HubFrame): void {
    if (frame.type !== 'command' || frame.command.kind !== 'line-test' || this.#stop.signal.aborted) return;
    const { heldFence, onFault, onRefused, peers } = this.#deps;
    if (frame.fence < heldFence()) return;
    const { command } = frame;
    const peer = peers.find(({ pbx }) => pbx === command.peer);
    if (!peer) {
      onRefused('unknown-peer');
      return;
    }
    const because = this.#refusal(command);
    if (because !== undefined) {
      onRefused(because);
      const outcome = because === 'another-transfer' ? 'yielded' : 'refused';
      if (command.role === 'sender') this.#tellBoth(command, peer, { outcome, because });
      return;
    }
    const run = command.role === 'sender' ? this.#measure(command, peer) : this.#serve(command, peer);
    this.#underWay = run
      .catch((cause: unknown) => onFault('line', cause))
      .finally(() => {
        this.#underWay = undefined;
      });
  }

  /** Why an order is not carried out; undefined: it is, and counts from now on. */
  #refusal(order: Order): 'turned-off' | 'another-transfer' | 'too-soon' | 'day-spent' | undefined {
    const { isEnabled, limits } = this.#deps;
    if (!isEnabled) return 'turned-off';
    if (this.#underWay) return 'another-transfer';
    const wanted = { peer: order.peer, bytes: 2 * this.#bounds(order).maxBytes };
    const { because, begun } = allowLine(this.#begun, wanted, limits, performance.now());
    this.#begun = begun;
    return because;
  }

  /** Breaks off what runs and closes the port; resolves when nothing is under way. */
  async close(): Promise<void> {
    this.#stop.abort();
    await this.#listener?.close();
    await this.#underWay;
  }

  async #measure(order: Order, peer: LinePeer): Promise<void> {
    const forward = await this.#leg(order, peer, 'forward');
    if (forward.outcome === 'measured') await this.#leg(order, peer, 'reverse');
    else this.#tell({ order, peer, direction: 'reverse', startedAtMs: performance.now() }, forward);
  }

  async #leg(order: Order, peer: LinePeer, direction: LineDirection): Promise<LegResult> {
    const startedAtMs = performance.now();
    const result = await runLeg({
      ...peer,
      direction,
      key: lineKey(order.key),
      sourceAddress: this.#deps.sourceAddress,
      bounds: this.#bounds(order),
      yields: () => this.#yields(),
      signal: this.#stop.signal,
    });
    this.#tell({ order, peer, direction, startedAtMs }, result);
    return result;
  }

  async #serve(order: Order, peer: LinePeer): Promise<void> {
    const { onListening, onRefused, port, sourceAddress } = this.#deps;
    const session = { key: lineKey(order.key), peerAddress: peer.address, bounds: this.#bounds(order) };
    const listener = await listenForLine(session, { sourceAddress, port, yields: () => this.#yields(), onRefused });
    this.#listener = listener;
    if (this.#stop.signal.aborted) await listener.close();
    onListening?.(listener.port);
    await listener.done;
    this.#listener = undefined;
  }

  #bounds(order: Order): LineBounds {
    const { maxBytes, maxKbps, maxMs } = this.#deps.bounds;
    return { maxBytes: Math.min(maxBytes, order.maxBytes), maxMs: Math.min(maxMs, order.maxMs), maxKbps };
  }

  #yields(): 'live-calls' | 'calls-unknown' | undefined {
    const liveCalls = this.#deps.liveCalls();
    if (liveCalls === undefined) return 'calls-unknown';
    return liveCalls >= this.#deps.yieldAtCalls ? 'live-calls' : undefined;
  }

  #tellBoth(order: Order, peer: LinePeer, result: LegResult): void {
    const startedAtMs = performance.now();
    for (const direction of ['forward', 'reverse'] as const)
      this.#tell({ order, peer, direction, startedAtMs }, result);
  }

  #tell(
    of: {
      readonly order: Order;
      readonly peer: LinePeer;
      readonly direction: LineDirection;
      readonly startedAtMs: number;
    },
    { count, ...result }: LegResult,
  ): void {
    const { direction, order, peer, startedAtMs } = of;
    const steady = count && count.steadyMs > 0 ? { steadyBytes: count.steadyBytes, steadyMs: count.steadyMs } : {};
    this.#deps.onMeasurement({
      kind: 'line',
      target: peer.target,
      session: order.session,
      direction,
      startedAtMs,
      durationMs: count?.durationMs ?? 0,
      bytes: count?.bytes ?? 0,
      ...steady,
      ...result,
    });
  }
}
