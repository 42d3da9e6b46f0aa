import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { answerAction, type SimContact } from './sim-asterisk-answers.ts';
import { SimCall, type SimCallOptions } from './sim-asterisk-call.ts';
import { error, fullyBooted, type Line, type ReceivedAction, SimManagerSession } from './sim-asterisk-session.ts';

/** How the simulated PBX is set up. */
export type SimAsteriskOptions = {
  readonly username?: string;
  readonly secret?: string;
  readonly asteriskVersion?: string;
  /** False for an Asterisk before 16.28, 18.14 and 19.6. */
  readonly hasDbGetTree?: boolean;
};

/**
 * A simulated PBX that speaks the manager interface on 127.0.0.1, for tests and the demo: it has an AstDB that outlives
 * {@link restart}, tells of calls that the test makes, and fails on request. It runs no dialplan and no SIP.
 */
export class SimAsterisk {
  /** AstDB: whole path (`/trunkward/route/national`) to value. The test may read and write it. */
  readonly astdb = new Map<string, string>();
  /** Contacts by endpoint: the test sets what the PBX's own qualify has found. */
  readonly contacts = new Map<string, SimContact>();
  /** State of each outbound registration by endpoint, as Asterisk words it: `Registered`, `Rejected`, `Unregistered`. */
  readonly registrations = new Map<string, string>();
  /** Every action received since the beginning, logins included only as far as they reached an answer. */
  readonly received: ReceivedAction[] = [];
  /** Lower-case names of actions that get no answer, while everything else goes on. */
  readonly unanswered = new Set<string>();
  /** Lower-case names of actions that the account may not use: each is answered as Asterisk answers then. */
  readonly forbidden = new Set<string>();
  /** Called with each action received, before its answer. */
  onAction: ((action: ReceivedAction) => void) | undefined;
  /** Refuses every login from now on. */
  isRefusingLogin = false;
  /** Whether FullyBooted is told at login; {@link finishBoot} sets it. */
  isFullyBooted = true;
  readonly #options: Required<SimAsteriskOptions>;
  readonly #sessions = new Set<SimManagerSession>();
  readonly #calls = new Set<SimCall>();
  #server: Server | undefined;
  #port = 0;
  #isStalled = false;
  #startedAt = new Date();
  #counter = 0;
  #connections = 0;

  constructor(options: SimAsteriskOptions = {}) {
    this.#options = {
      username: 'probe',
      secret: 'secret-of-the-test',
      asteriskVersion: '22.10.1',
      hasDbGetTree: true,
      ...options,
    };
  }

  /** Port on 127.0.0.1; the same over restarts. */
  get port(): number {
    return this.#port;
  }

  /** Connections accepted since the beginning. */
  get connections(): number {
    return this.#connections;
  }

  /** Connections that are logged in or about to. */
  get openSessions(): number {
    return this.#sessions.size;
  }

  /** Calls up or being set up. */
  get calls(): ReadonlySet<SimCall> {
    return this.#calls;
  }

  /** Listens; resolves once it does. */
  async start(): Promise<void> {
    this.#startedAt = new Date();
    const server = createServer((socket) => {
      this.#connections += 1;
      const session = new SimManagerSession(socket, {
        username: this.#options.username,
        secret: this.#options.secret,
        refusesLogin: () => this.isRefusingLogin,
        isStalled: () => this.#isStalled,
        isFullyBooted: () => this.isFullyBooted,
        uptimeS: () => this.#uptimeS(),
        answer: (action) => this.#answer(action),
      });
      this.#sessions.add(session);
      socket.on('error', () => session.destroy());
      socket.on('close', () => this.#sessions.delete(session));
    });
    this.#server = server;
    server.listen(this.#port, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('the simulated PBX has no port');
    this.#port = address.port;
  }

  /** Stops listening and breaks every connection off; calls are gone, AstDB stays. */
  async stop(): Promise<void> {
    const server = this.#server;
    if (server === undefined) return;
    this.#server = undefined;
    this.#calls.clear();
    this.cut();
    server.close();
    await once(server, 'close');
  }

  /** Dies and comes back on the same port with the same AstDB. */
  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  /** Breaks every connection off between packets. */
  cut(): void {
    for (const session of this.#sessions) session.destroy();
  }

  /** Writes part of an event to every connection and breaks off within it. `share` is 0 to 1 of its bytes. */
  cutMidPacket(lines: readonly Line[], share = 0.5): void {
    for (const session of this.#sessions) session.cutWithin(lines, share);
  }

  /** Still accepts connections and reads, but writes nothing any more, as a stopped process does. */
  stall(): void {
    this.#isStalled = true;
  }

  /** Ends {@link stall}; what was asked meanwhile stays unanswered. */
  resume(): void {
    this.#isStalled = false;
  }

  /** All modules are up: tells every connection that hears class `system`. */
  finishBoot(): void {
    this.isFullyBooted = true;
    this.emit('system', fullyBooted(this.#uptimeS()));
  }

  /** Sends one event to every connection whose mask has the class. */
  emit(eventClass: string, lines: readonly Line[]): void {
    for (const session of this.#sessions) if (session.hears(eventClass)) session.write(lines);
  }

  /** Changes a registration's state and tells so. */
  register(endpoint: string, state: string): void {
    this.registrations.set(endpoint, state);
    const uri = 'sip:account@192.0.2.1:5060';
    const lines: readonly Line[] = [
      ['Event', 'Registry'],
      ['Privilege', 'system,all'],
      ['ChannelType', 'PJSIP'],
      ['Username', uri],
      ['Domain', uri],
      ['Status', state],
    ];
    this.emit('system', lines);
  }

  /** Begins an outbound call over a trunk's endpoint; the caller drives what becomes of it. */
  beginCall(options: SimCallOptions): SimCall {
    this.#counter += 2;
    const ids = { epochS: Math.floor(Date.now() / 1000), counter: this.#counter };
    const call: SimCall = new SimCall(
      options,
      ids,
      (lines, eventClass = 'call') => this.emit(eventClass, lines),
      () => this.#calls.delete(call),
    );
    this.#calls.add(call);
    return call;
  }

  #answer(action: ReceivedAction): readonly (readonly Line[])[] {
    this.received.push(action);
    this.onAction?.(action);
    if (this.#isStalled || this.unanswered.has(action.name.toLowerCase())) return [];
    if (this.forbidden.has(action.name.toLowerCase())) return [error(action.actionId, 'Permission denied')];
    return answerAction(action, {
      astdb: this.astdb,
      asteriskVersion: this.#options.asteriskVersion,
      hasDbGetTree: this.#options.hasDbGetTree,
      startedAt: this.#startedAt,
      nowEpochMs: Date.now(),
      channels: [...this.#calls].map((call) => call.listed()),
      statuses: [...this.#calls].map((call) => ({ channel: call.channel, lines: call.status() })),
      contacts: this.contacts,
      registrations: this.registrations,
    });
  }

  #uptimeS(): number {
    return (Date.now() - this.#startedAt.getTime()) / 1000;
  }
}
