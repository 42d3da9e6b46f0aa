import type { KeyObject } from 'node:crypto';
import { once } from 'node:events';
import { createServer, isIPv6, type Server, SocketAddress } from 'node:net';
import { LineConnection, type LineYield } from './line-connection-client.ts';
import { agreedBounds, type LineBounds, type LineDirection } from './line-record.ts';

/** One session to be answered: from this peer alone, with this key, each direction once. */
export type LineSession = {
  readonly key: KeyObject;
  /** IP literal, by this probe's own file. */
  readonly peerAddress: string;
  readonly bounds: LineBounds;
};

/** Why a connection got nothing back. */
export type LineRefusal = 'wrong-address' | 'not-proved' | 'malformed' | 'late' | 'again';

/** What the listener needs from the outside. None of the callbacks may throw. */
export type LineListenerDeps = {
  readonly sourceAddress: string | undefined;
  /** 0 lets the system choose. */
  readonly port: number;
  /** As for who opens: why the line has to be left to others now. */
  readonly yields: () => Exclude<LineYield, 'closed'> | undefined;
  readonly onRefused: (reason: LineRefusal) => void;
};

/** A port that is open for one session. */
export type LineListener = {
  readonly port: number;
  /** Resolves when both directions are over, the peer has left or the time is up; the port is closed then. */
  readonly done: Promise<void>;
  readonly close: () => Promise<void>;
};

/** For the other end to come, whose order may be later than ours. */
const COME_WITHIN_MS = 10_000;
/** For it to come again: it opens the next connection as soon as one is over, and two of its packets may be lost. */
const AGAIN_WITHIN_MS = 3000;
const OPEN_WITHIN_MS = 2000;
/** What each direction may take beyond its agreed time. */
const SLACK_MS = 8000;
const GRACE_MS = 1000;
const WATCH_MS = 50;
const MOST_CONNECTIONS = 8;

/**
 * Opens the port for one session, and closes it when that is over. Who comes from another address, or cannot prove that it
 * knows the key, gets nothing back.
 *
 * @throws the system's error where the port is taken.
 */
export async function listenForLine(session: LineSession, deps: LineListenerDeps): Promise<LineListener> {
  const peerAddress = canonical(session.peerAddress);
  const open = new Set<LineConnection>();
  const agreed = new Set<LineConnection>();
  const used = new Set<LineDirection>();
  const over = Promise.withResolvers<void>();
  let timer: NodeJS.Timeout | undefined;
  const endWithin = (ms: number): void => {
    clearTimeout(timer);
    timer = setTimeout(over.resolve, ms);
  };
  let yielded: Exclude<LineYield, 'closed'> | undefined;
  const yields = (): typeof yielded => yielded ?? deps.yields();
  const begin = (connection: LineConnection, maxMs: number): void => {
    agreed.add(connection);
    endWithin(maxMs + SLACK_MS);
  };
  const serve = async (connection: LineConnection): Promise<void> => {
    const next = await answer(connection, session, { ...deps, begin, used, yields });
    open.delete(connection);
    agreed.delete(connection);
    if (next === 'none') over.resolve();
    else if (next === 'comes' && agreed.size === 0) endWithin(AGAIN_WITHIN_MS);
  };
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    if (socket.remoteAddress !== peerAddress) {
      deps.onRefused('wrong-address');
      socket.destroy();
      return;
    }
    const connection = new LineConnection(socket, session.key);
    open.add(connection);
    void serve(connection);
  });
  server.maxConnections = MOST_CONNECTIONS;
  const port = await bind(server, deps, peerAddress);
  endWithin(COME_WITHIN_MS);
  const watch = setInterval(() => {
    const because = deps.yields();
    if (because === undefined || agreed.size === 0) return;
    yielded = because;
    for (const connection of agreed) connection.abandon(because);
  }, WATCH_MS);
  const shut = async (): Promise<void> => {
    await over.promise;
    clearTimeout(timer);
    clearInterval(watch);
    for (const connection of open) connection.reset();
    const closed = once(server, 'close');
    server.close();
    await closed;
  };
  const done = shut();
  return {
    port,
    done,
    close: async () => {
      over.resolve();
      await done;
    },
  };
}

/**
 * A peer that sees the reverse direction end asks once more why: what we had still to send is thrown away with the connection,
 * and a word behind it would be too.
 *
 * @returns whether a further connection of the session is to come; undefined: this one tells nothing about it.
 */
async function answer(
  connection: LineConnection,
  { bounds }: LineSession,
  {
    begin,
    onRefused,
    used,
    yields,
  }: LineListenerDeps & {
    readonly begin: (connection: LineConnection, maxMs: number) => void;
    readonly used: Set<LineDirection>;
  },
): Promise<'comes' | 'none' | undefined> {
  const opening = await connection.next(OPEN_WITHIN_MS);
  const because = yields();
  const refusal = refusalOf(opening, because === undefined ? used : new Set());
  if (opening.kind !== 'open' || refusal !== undefined) {
    if (refusal !== undefined) onRefused(refusal);
    connection.reset();
    return undefined;
  }
  if (because !== undefined) {
    connection.say({ kind: 'bye', because });
    await connection.finish();
    return 'none';
  }
  const { direction } = opening;
  used.add(direction);
  const agreed = agreedBounds(bounds, opening);
  begin(connection, agreed.maxMs);
  connection.say({ kind: 'accept', ...agreed });
  if (direction === 'reverse') {
    await connection.pump(agreed);
    await connection.next(agreed.maxMs + GRACE_MS);
    connection.reset();
    return yields() === undefined ? 'none' : 'comes';
  }
  const { count, heard } = await connection.collect(agreed);
  const why = heard.kind === 'over' ? heard.why : undefined;
  if (why === 'live-calls' || why === 'calls-unknown') connection.say({ kind: 'bye', because: why });
  else connection.say({ kind: 'result', ...count });
  await connection.finish();
  return heard.kind === 'end' || why === 'cut' ? 'comes' : 'none';
}

function refusalOf(
  opening: Awaited<ReturnType<LineConnection['next']>>,
  used: ReadonlySet<LineDirection>,
): LineRefusal | undefined {
  if (opening.kind === 'open') return used.has(opening.direction) ? 'again' : undefined;
  if (opening.kind !== 'over') return 'malformed';
  if (opening.why === 'timed-out') return 'late';
  return opening.why === 'not-proved' || opening.why === 'malformed' ? opening.why : undefined;
}

async function bind(server: Server, { port, sourceAddress }: LineListenerDeps, peerAddress: string): Promise<number> {
  const host = sourceAddress ?? (isIPv6(peerAddress) ? '::' : '0.0.0.0');
  const listening = once(server, 'listening');
  server.listen({ port, host, ipv6Only: isIPv6(host) });
  await listening;
  server.on('error', () => undefined);
  const address = server.address();
  return typeof address === 'object' && address ? address.port : 0;
}

/** As the system writes it, so that it can be compared with where a connection came from. */
function canonical(address: string): string {
  return new SocketAddress({ address, family: isIPv6(address) ? 'ipv6' : 'ipv4' }).address;
}
