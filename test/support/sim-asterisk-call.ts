import { type SimInterval, SimMedia } from './sim-asterisk-media.ts';
import type { Line } from './sim-asterisk-session.ts';

/** An outbound call over one trunk: who is dialled, and the numbers that Asterisk would give it. */
export type SimCallOptions = {
  readonly endpoint: string;
  readonly number: string;
  /** As in Dial: by default `<number>@<endpoint>`. */
  readonly dialString?: string;
  /** Class that the include dials for: the dial then stands in its context at the class's name. */
  readonly className?: string;
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
  readonly #emit: (lines: readonly Line[], eventClass?: string) => void;
  readonly #onEnd: () => void;
  readonly #media = new SimMedia();
  #state = '0';

  constructor(
    options: SimCallOptions,
    ids: { readonly epochS: number; readonly counter: number },
    emit: (lines: readonly Line[], eventClass?: string) => void,
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

  /** Lets one interval of media pass: Asterisk sends a report and receives one. */
  passMedia(interval: SimInterval): void {
    const reports = this.#media.pass(interval);
    const own = this.#own('');
    this.#emit([event('RTCPSent'), REPORTING, ...own, ...reports.sent], 'reporting');
    this.#emit([event('RTCPReceived'), REPORTING, ...own, ...reports.received], 'reporting');
  }

  /** The far end sends BYE. */
  endByProvider(): void {
    this.#emit([event('HangupRequest'), PRIVILEGE, ...this.#own(''), ['Cause', '16']]);
    this.hangup();
  }

  /** The call's item of Status, with the variables that were asked for as far as they are known here. */
  status(): readonly Line[] {
    return [
      ...this.#own(''),
      ['Nativeformats', '(ulaw)'],
      ['Variable', `CHANNEL(rtcp,all)=${this.#media.statistics()}`],
      ['Variable', 'CHANNEL(rtp,direct)=(null)'],
    ];
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
    const { className, number } = this.#options;
    const lines = channelLines('', channel, '4', className ?? number, this.linkedId, this.linkedId);
    return className === undefined
      ? lines
      : lines.map(([key, value]) => [key, key === 'Context' ? DIAL_CONTEXT : value]);
  }
}

const PRIVILEGE: Line = ['Privilege', 'call,all'];
const REPORTING: Line = ['Privilege', 'reporting,all'];
const DIAL_CONTEXT = 'trunkward-dial';

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
