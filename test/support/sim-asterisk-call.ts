import type { Line } from './sim-asterisk-session.ts';

/** An outbound call over one trunk: who is dialled, and the numbers that Asterisk would give it. */
export type SimCallOptions = {
  readonly endpoint: string;
  readonly number: string;
  /** As in Dial: by default `<number>@<endpoint>`. */
  readonly dialString?: string;
};

/** How a call that was not answered ends, as Asterisk tells it. `no-reply` and `cancelled` have no final status. */
export type SimCallFailure =
  | { readonly kind: 'final'; readonly statusCode: number; readonly cause: number; readonly dialStatus: string }
  | { readonly kind: 'no-reply' }
  | { readonly kind: 'cancelled' };

/** Failures that a provider causes, with the cause and dial status that Asterisk 22.10.1 gives each. */
export const SIM_FAILURES = {
  busy: { kind: 'final', statusCode: 486, cause: 17, dialStatus: 'BUSY' },
  notFound: { kind: 'final', statusCode: 404, cause: 1, dialStatus: 'NOANSWER' },
  declined: { kind: 'final', statusCode: 603, cause: 21, dialStatus: 'NOANSWER' },
  unavailable: { kind: 'final', statusCode: 503, cause: 34, dialStatus: 'CONGESTION' },
  timerB: { kind: 'final', statusCode: 408, cause: 18, dialStatus: 'NOANSWER' },
  noReply: { kind: 'no-reply' },
  cancelled: { kind: 'cancelled' },
} as const satisfies Record<string, SimCallFailure>;

const STATE_NAMES: Readonly<Record<string, string>> = { 0: 'Down', 4: 'Ring', 5: 'Ringing', 6: 'Up' };

/**
 * One simulated outbound call. Each method emits the events of class `call` that a real Asterisk 22.10.1 sends for it,
 * in its order, for the caller's channel and the provider's.
 */
export class SimCall {
  readonly uniqueId: string;
  readonly linkedId: string;
  readonly channel: string;
  readonly #options: SimCallOptions;
  readonly #emit: (lines: readonly Line[]) => void;
  readonly #onEnd: () => void;
  #state = '0';

  constructor(
    options: SimCallOptions,
    ids: { readonly epochS: number; readonly counter: number },
    emit: (lines: readonly Line[]) => void,
    onEnd: () => void,
  ) {
    this.#options = options;
    this.#emit = emit;
    this.#onEnd = onEnd;
    this.linkedId = `${ids.epochS}.${ids.counter}`;
    this.uniqueId = `${ids.epochS}.${ids.counter + 1}`;
    this.channel = `PJSIP/${options.endpoint}-${ids.counter.toString(16).padStart(8, '0')}`;
    this.#emit([event('Newchannel'), PRIVILEGE, ...this.#own('s')]);
    const dialString = options.dialString ?? `${options.number}@${options.endpoint}`;
    this.#emit([event('DialBegin'), PRIVILEGE, ...this.#caller(), ...this.#dest(), ['DialString', dialString]]);
  }

  /** 180 Ringing from the provider. */
  ring(): void {
    this.#become('5');
    this.#dial('DialState', 'RINGING');
  }

  /** 183 Session Progress from the provider. */
  progress(): void {
    this.#dial('DialState', 'PROGRESS');
  }

  /** 200 OK from the provider. */
  answer(): void {
    this.#become('6');
    this.#dial('DialEnd', 'ANSWER');
  }

  /** Ends a call that was not answered. */
  fail(failure: SimCallFailure): void {
    if (failure.kind === 'final') {
      const codes: readonly Line[] = [
        ['Cause', String(failure.cause)],
        ['TechCause', String(failure.statusCode)],
      ];
      this.#emit([event('HangupRequest'), PRIVILEGE, ...this.#own(this.#options.number), ...codes]);
      this.#dial('DialEnd', failure.dialStatus);
      this.#hangup(codes);
      return;
    }
    this.#dial('DialEnd', failure.kind === 'cancelled' ? 'CANCEL' : 'NOANSWER');
    this.#hangup([
      ['Cause', '0'],
      ['Cause-txt', 'Unknown'],
    ]);
  }

  /** Ends an answered call the normal way. */
  hangup(): void {
    this.#hangup([
      ['Cause', '16'],
      ['Cause-txt', 'Normal Clearing'],
    ]);
  }

  /** The call's item of CoreShowChannels. */
  listed(): readonly Line[] {
    return [...this.#own(this.#options.number), ['Application', 'AppDial'], ['ApplicationData', '(Outgoing Line)']];
  }

  #become(state: string): void {
    this.#state = state;
    this.#emit([event('Newstate'), PRIVILEGE, ...this.#own(this.#options.number)]);
  }

  #dial(name: string, status: string): void {
    this.#emit([event(name), PRIVILEGE, ...this.#caller(), ...this.#dest(), ['DialStatus', status]]);
  }

  #hangup(codes: readonly Line[]): void {
    this.#emit([event('Hangup'), PRIVILEGE, ...this.#own(this.#state === '6' ? '' : this.#options.number), ...codes]);
    this.#onEnd();
  }

  #own(exten: string): readonly Line[] {
    return channelLines('', this.channel, this.#state, exten, this.uniqueId, this.linkedId);
  }

  #dest(): readonly Line[] {
    return channelLines('Dest', this.channel, this.#state, this.#options.number, this.uniqueId, this.linkedId);
  }

  #caller(): readonly Line[] {
    const channel = `PJSIP/phone-${this.uniqueId.slice(-8).replace('.', '0')}`;
    return channelLines('', channel, '4', this.#options.number, this.linkedId, this.linkedId);
  }
}

const PRIVILEGE: Line = ['Privilege', 'call,all'];

function event(name: string): Line {
  return ['Event', name];
}

function channelLines(
  prefix: '' | 'Dest',
  channel: string,
  state: string,
  exten: string,
  uniqueId: string,
  linkedId: string,
): readonly Line[] {
  return [
    [`${prefix}Channel`, channel],
    [`${prefix}ChannelState`, state],
    [`${prefix}ChannelStateDesc`, STATE_NAMES[state] ?? 'Unknown'],
    [`${prefix}Context`, 'trunkward-outbound'],
    [`${prefix}Exten`, exten],
    [`${prefix}Priority`, '1'],
    [`${prefix}Uniqueid`, uniqueId],
    [`${prefix}Linkedid`, linkedId],
  ];
}
