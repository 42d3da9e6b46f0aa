import { Readable } from 'node:stream';
import type { HelloFrame, ProbeFrame } from '../../wire/probe-frames.ts';
import type { HubConfig } from '../config-schema.ts';
import type { ProbeHandlers } from '../ingest/probe-server.ts';
import { routesAfter } from '../read-back-route.ts';
import { headerLine, type RecordedLine, recordedLine } from './recording-line.ts';

/** Recordings that may run at once. */
const MAX_RECORDINGS = 2;
/** Text that may wait for a reader, in characters: some seconds of a large fleet. Past it the recording ends. */
const MAX_WAITING = 64 * 1024 * 1024;

/** Time that a reader has to take what is left once a hub ends. */
const LAST_READ_MS = 2000;

type Recording = { readonly stream: Readable; readonly timer: NodeJS.Timeout };

/**
 * Lets people take along what a live hub takes in, from now on and for a bounded time. Costs nothing while nobody
 * records. A reader that is too slow is cut off; the hub waits for nobody.
 */
export class Recorder {
  readonly #config: HubConfig;
  readonly #nowMs: () => number;
  readonly #hellos = new Map<string, HelloFrame>();
  /** Those that frames go to. */
  readonly #recordings = new Set<Recording>();
  /** Those whose reader is not done; an ended one may still be read. */
  readonly #streams = new Set<Readable>();

  constructor(config: HubConfig, nowMs: () => number) {
    this.#config = config;
    this.#nowMs = nowMs;
  }

  /** How many recordings run. */
  get count(): number {
    return this.#streams.size;
  }

  /**
   * Begins a recording of `forMs`.
   *
   * @returns its text, or undefined where as many run as may. Begins with the configuration and, as of now, the hello of
   *   every probe that is connected. Ends after its time; with an error where its reader does not keep up.
   */
  begin(forMs: number): Readable | undefined {
    if (this.#streams.size >= MAX_RECORDINGS) return undefined;
    const stream = new Readable({ read: () => undefined, encoding: 'utf8', highWaterMark: MAX_WAITING });
    const recording: Recording = { stream, timer: setTimeout(() => this.#end(recording), forMs) };
    this.#recordings.add(recording);
    this.#streams.add(stream);
    stream.once('close', () => {
      clearTimeout(recording.timer);
      this.#recordings.delete(recording);
      this.#streams.delete(stream);
    });
    stream.push(`${headerLine(this.#config)}\n`);
    for (const [pbx, frame] of this.#hellos) stream.push(this.#line({ pbx, frame }));
    return stream;
  }

  /** Handlers that do what these do and let recordings see every frame first. */
  around(handlers: ProbeHandlers): ProbeHandlers {
    return {
      onHello: (pbx, hello) => {
        this.#hellos.set(pbx, hello);
        this.#tell(pbx, hello);
        return handlers.onHello(pbx, hello);
      },
      onReady: (pbx) => handlers.onReady(pbx),
      onBatch: (pbx, instanceId, frame) => {
        this.#tell(pbx, frame);
        handlers.onBatch(pbx, instanceId, frame);
      },
      onEvent: async (pbx, frame) => {
        this.#tell(pbx, frame);
        await handlers.onEvent(pbx, frame);
      },
      onPlanResult: (pbx, frame) => {
        this.#tell(pbx, frame);
        const hello = this.#hellos.get(pbx);
        if (hello?.plan) {
          const plan = { ...hello.plan, routes: [...routesAfter(hello.plan.routes, frame)] };
          this.#hellos.set(pbx, { ...hello, plan });
        }
        handlers.onPlanResult(pbx, frame);
      },
      onReadBack: (pbx, frame) => {
        this.#tell(pbx, frame);
        const hello = this.#hellos.get(pbx);
        if (hello) this.#hellos.set(pbx, { ...hello, plan: frame.plan });
        handlers.onReadBack(pbx, frame);
      },
      onTargets: (pbx, frame) => {
        this.#tell(pbx, frame);
        const hello = this.#hellos.get(pbx);
        if (hello) this.#hellos.set(pbx, { ...hello, targets: frame.targets });
        handlers.onTargets(pbx, frame);
      },
      onGone: (pbx, reason) => {
        this.#hellos.delete(pbx);
        this.#push(() => this.#line({ pbx, gone: reason }));
        handlers.onGone(pbx, reason);
      },
      onRefused: (pbx, code, reason) => handlers.onRefused(pbx, code, reason),
      onFault: (pbx, cause) => handlers.onFault(pbx, cause),
    };
  }

  /** Ends every recording; a reader that does not take what is left within two seconds is cut off. */
  close(): void {
    for (const recording of this.#recordings) this.#end(recording);
    for (const stream of this.#streams) {
      const timer = setTimeout(() => stream.destroy(), LAST_READ_MS);
      stream.once('close', () => clearTimeout(timer));
    }
  }

  /** No frame may follow the end: it would cost the reader what it has not read yet. */
  #end(recording: Recording): void {
    clearTimeout(recording.timer);
    this.#recordings.delete(recording);
    recording.stream.push(null);
  }

  #tell(pbx: string, frame: ProbeFrame): void {
    this.#push(() => this.#line({ pbx, frame }));
  }

  #push(line: () => string): void {
    if (this.#recordings.size === 0) return;
    const text = line();
    for (const { stream } of this.#recordings) {
      if (stream.readableLength > MAX_WAITING) stream.destroy(new Error('the reader of a recording is too slow'));
      else stream.push(text);
    }
  }

  #line(rest: { readonly pbx: string } & ({ readonly frame: ProbeFrame } | { readonly gone: string })): string {
    const line: RecordedLine = { receivedAtEpochMs: this.#nowMs(), ...rest };
    return `${recordedLine(line)}\n`;
  }
}
