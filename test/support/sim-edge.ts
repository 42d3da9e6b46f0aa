import { createSocket } from 'node:dgram';
import { parseMessage, type SipRequest } from '../../probes/measure/sip/message.ts';
import { responseDestination, type Source } from '../../probes/measure/sip/response.ts';
import { SeededChance } from './sim-edge-chance.ts';
import { addCounts, type EdgeCounts, noCounts } from './sim-edge-counts.ts';
import { type EdgeChange, EdgeRuleBook, type EdgeRules } from './sim-edge-rules.ts';
import { EdgeService } from './sim-edge-service.ts';

/** Where an edge listens, and the seed that decides every loss: the same seed and datagrams per source lose the same ones. */
export type SimEdgeOptions = { readonly seed: number; readonly address?: string; readonly port?: number };

/** A provider's edge on loopback UDP; its faults are set while it runs. */
export class SimEdge {
  readonly #rules = new EdgeRuleBook();
  readonly #chance: SeededChance;
  readonly #counts = new Map<string, EdgeCounts>();
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #socket = createSocket('udp4');
  readonly #service: EdgeService;
  #local: Source;
  #isOpen = false;

  constructor({ seed, address = '127.0.0.1', port = 0 }: SimEdgeOptions) {
    this.#chance = new SeededChance(seed);
    this.#local = { address, port };
    this.#service = new EdgeService(this.#rules, {
      local: () => this.#local,
      send: (request, source, bytes, onSent) => this.#send(request, source, bytes, onSent),
      after: (delayMs, act) => this.#after(delayMs, act),
    });
  }

  /** Binds and begins to answer. May be called once. */
  async start(): Promise<Source> {
    const { address, port } = this.#local;
    await new Promise<void>((resolve, reject) => {
      this.#socket.once('error', reject);
      this.#socket.bind(port, address, () => {
        this.#socket.off('error', reject);
        resolve();
      });
    });
    this.#isOpen = true;
    this.#local = { address, port: this.#socket.address().port };
    this.#socket.on('message', (bytes, source) => {
      this.#receive(bytes, { address: source.address, port: source.port });
    });
    return this.#local;
  }

  /** Changes the rules from now on; see {@link EdgeChange}. */
  set(change: EdgeChange): void {
    this.#rules.set(change);
  }

  /** Back to health: forgets the rules of one source address, or all of them. */
  clear(source?: string): void {
    this.#rules.clear(source);
  }

  /** How datagrams from and to that address are treated now. */
  rulesFor(source: string): EdgeRules {
    return this.#rules.for(source);
  }

  /** A copy of the counts of one source address, or of all together. */
  counts(source?: string): EdgeCounts {
    const sum = noCounts();
    for (const [address, counts] of this.#counts) {
      if (source === undefined || source === address) addCounts(sum, counts);
    }
    return sum;
  }

  /** Calls that are up now. */
  get activeCalls(): number {
    return this.#service.activeCalls;
  }

  /** How fast it was asked at the worst, and whether that was too fast: see `banAbovePer10S`. */
  get probing(): { readonly busiestPer10S: number; readonly isBanning: boolean } {
    return { busiestPer10S: this.#service.busiestPer10S, isBanning: this.#service.isBanning };
  }

  /** Stops answering; timers and socket are gone when it resolves. */
  async close(): Promise<void> {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    for (const timer of this.#timers) clearTimeout(timer);
    await new Promise<void>((resolve) => this.#socket.close(() => resolve()));
  }

  #receive(bytes: Uint8Array, source: Source): void {
    const counts = this.#countsOf(source.address);
    const rules = this.#rules.for(source.address);
    counts.received += 1;
    const isLost = this.#chance.next(`in ${source.address}`) < rules.lossInRatio;
    if (rules.isBlackHole) {
      counts.blackHoled += 1;
    } else if (isLost) {
      counts.lostIn += 1;
    } else {
      const parsed = parseMessage(bytes);
      if (!parsed.ok) counts.malformed += 1;
      else if (parsed.value.kind === 'request') this.#service.serve(parsed.value, source, counts);
    }
  }

  #send(request: SipRequest, source: Source, bytes: Uint8Array, onSent?: () => void): void {
    const { delayMs } = this.#rules.for(source.address);
    const leave = () => this.#leave(bytes, responseDestination(request, source), onSent);
    if (delayMs > 0) this.#after(delayMs, leave);
    else leave();
  }

  #leave(bytes: Uint8Array, destination: Source, onSent?: () => void): void {
    if (!this.#isOpen) return;
    const counts = this.#countsOf(destination.address);
    const rules = this.#rules.for(destination.address);
    const isLost = this.#chance.next(`out ${destination.address}`) < rules.lossOutRatio;
    if (rules.isBlackHole) {
      counts.blackHoled += 1;
    } else if (isLost) {
      counts.lostOut += 1;
    } else {
      onSent?.();
      this.#socket.send(bytes, destination.port, destination.address);
    }
  }

  #after(delayMs: number, act: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      act();
    }, delayMs);
    this.#timers.add(timer);
  }

  #countsOf(source: string): EdgeCounts {
    const known = this.#counts.get(source);
    if (known) return known;
    const counts = noCounts();
    this.#counts.set(source, counts);
    return counts;
  }
}
