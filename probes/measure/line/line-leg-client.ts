import { type KeyObject, randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import type { LineMeasurement } from '../../../wire/host-measurement.ts';
import { type Heard, LineConnection, type LineYield } from './line-connection-client.ts';
import { agreedBounds, type LineBounds, type LineCount, type LineDirection, NONCE_BYTES } from './line-record.ts';

/** One direction to be measured by the end that opens the connection. */
export type LineLeg = {
  readonly direction: LineDirection;
  readonly key: KeyObject;
  /** IP literal and port of the peer, by this probe's own file. */
  readonly address: string;
  readonly port: number;
  readonly sourceAddress: string | undefined;
  readonly bounds: LineBounds;
  /** Why the line has to be left to others now; undefined: it has not. Asked many times a second. */
  readonly yields: () => Exclude<LineYield, 'closed'> | undefined;
  readonly signal: AbortSignal;
};

/** How it ended. `count` is there for `measured` alone. */
export type LegResult = Pick<LineMeasurement, 'outcome' | 'because' | 'capKbps' | 'isLineBound'> & {
  readonly count?: LineCount;
};

/** The other end is given so long to open its port after its own order, which comes by another way. */
const CONNECT_WITHIN_MS = 5000;
const AGAIN_AFTER_MS = 250;
const ANSWER_MS = 3000;
/** Beyond the agreed time, for the result to come. */
const RESULT_MS = 3000;
const WATCH_MS = 50;

/**
 * Opens a connection to the peer's port and measures one direction over it. Ends at once, the connection thrown away, when
 * this end's calls want the line. Never throws.
 */
export async function runLeg(leg: LineLeg): Promise<LegResult> {
  const asked = leg.yields();
  if (asked !== undefined) return { outcome: 'yielded', because: asked };
  const dialled = await dial(leg);
  if ('outcome' in dialled) return dialled;
  const connection = new LineConnection(dialled, leg.key);
  const watch = setInterval(() => {
    const because = leg.signal.aborted ? 'closed' : leg.yields();
    if (because !== undefined) connection.abandon(because);
  }, WATCH_MS);
  try {
    const result = await converse(connection, leg);
    const isUntold = leg.direction === 'reverse' && result.because === 'broken-off' && !leg.signal.aborted;
    return isUntold ? ((await askWhy(leg)) ?? result) : result;
  } finally {
    clearInterval(watch);
    connection.reset();
  }
}

/**
 * The other end of a reverse direction throws away what it has still to send when its calls want the line, and any last word
 * with it; it tells why to who asks on a new connection.
 */
async function askWhy(leg: LineLeg): Promise<LegResult | undefined> {
  const socket = await connectOnce(leg, ANSWER_MS);
  if (typeof socket === 'string') return undefined;
  const connection = new LineConnection(socket, leg.key);
  connection.say({ kind: 'open', direction: leg.direction, nonce: randomBytes(NONCE_BYTES), ...leg.bounds });
  const answer = await connection.next(ANSWER_MS);
  connection.reset();
  return answer.kind === 'bye' ? withoutFigure(answer, 'broken-off') : undefined;
}

async function converse(connection: LineConnection, { bounds, direction }: LineLeg): Promise<LegResult> {
  connection.say({ kind: 'open', direction, nonce: randomBytes(NONCE_BYTES), ...bounds });
  const answer = await connection.next(ANSWER_MS);
  if (answer.kind !== 'accept') return withoutFigure(answer, 'not-accepted');
  const agreed = agreedBounds(bounds, answer);
  const capKbps = agreed.maxKbps;
  if (direction === 'reverse') {
    const { count, heard } = await connection.collect(agreed);
    const isCounted = heard.kind === 'end' || (heard.kind === 'over' && heard.why === 'cut');
    return isCounted && count.bytes > 0
      ? { outcome: 'measured', capKbps, isLineBound: heard.kind !== 'end' || heard.isHeld, count }
      : withoutFigure(heard, 'broken-off');
  }
  const pumped = connection.pump(agreed);
  const result = await connection.next(agreed.maxMs + RESULT_MS);
  connection.reset();
  const isLineBound = await pumped;
  if (result.kind !== 'result' || result.bytes === 0) return withoutFigure(result, 'broken-off');
  const { bytes, durationMs, steadyBytes, steadyMs } = result;
  return { outcome: 'measured', capKbps, isLineBound, count: { bytes, durationMs, steadyBytes, steadyMs } };
}

function withoutFigure(heard: Heard, closed: 'not-accepted' | 'broken-off'): LegResult {
  if (heard.kind === 'bye') {
    const because = heard.because === 'live-calls' ? 'peer-live-calls' : heard.because;
    return { outcome: 'yielded', because };
  }
  if (heard.kind !== 'over') return { outcome: 'refused', because: 'broken-off' };
  switch (heard.why) {
    case 'live-calls':
    case 'calls-unknown':
      return { outcome: 'yielded', because: heard.why };
    case 'closed':
      return { outcome: 'refused', because: closed };
    case 'timed-out':
    case 'cut':
      return { outcome: 'timed-out', because: 'no-answer' };
    case 'malformed':
    case 'not-proved':
      return { outcome: 'refused', because: 'not-proved' };
    default:
      return heard.why satisfies never;
  }
}

async function dial(leg: LineLeg): Promise<Socket | LegResult> {
  const untilMs = performance.now() + CONNECT_WITHIN_MS;
  for (;;) {
    const because = leg.yields();
    if (because !== undefined) return { outcome: 'yielded', because };
    if (leg.signal.aborted) return { outcome: 'refused', because: 'closed' };
    const found = await connectOnce(leg, untilMs - performance.now());
    if (found !== 'refused') {
      return found === 'timed-out' ? { outcome: 'timed-out', because: 'no-connection' } : found;
    }
    if (performance.now() + AGAIN_AFTER_MS >= untilMs) return { outcome: 'refused', because: 'no-connection' };
    await delay(AGAIN_AFTER_MS);
  }
}

async function connectOnce(
  { address, port, signal, sourceAddress }: LineLeg,
  withinMs: number,
): Promise<Socket | 'refused' | 'timed-out'> {
  const { promise, resolve } = Promise.withResolvers<Socket | 'refused' | 'timed-out'>();
  const socket = connect({ host: address, port, ...(sourceAddress !== undefined && { localAddress: sourceAddress }) });
  const stop = (): void => resolve('refused');
  const timer = setTimeout(() => resolve('timed-out'), withinMs);
  signal.addEventListener('abort', stop);
  socket.once('connect', () => resolve(socket));
  socket.on('error', stop);
  const found = await promise;
  clearTimeout(timer);
  signal.removeEventListener('abort', stop);
  if (found !== socket) socket.destroy();
  return found;
}
