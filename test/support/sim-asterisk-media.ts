import type { Line } from './sim-asterisk-session.ts';

/**
 * What one direction met since the last pair of reports; `jitterTicks` in ticks of 8 kHz. `holes` of the expected packets were never sent: the
 * other side counts them as lost all the same.
 */
export type SimDirection = {
  readonly expected: number;
  readonly lost: number;
  readonly jitterTicks?: number;
  readonly holes?: number;
};

/** One interval of a simulated call's media. A direction that is left out had no packets. */
export type SimInterval = {
  readonly received?: SimDirection;
  readonly sent?: SimDirection;
  readonly rttSeconds?: number;
};

type Totals = { expected: number; lost: number; holes: number };

const OUR_SSRC = 0x6ce3_98eb;
const THEIR_SSRC = 0x342a_3713;
/** Near enough to its end that a short call already wraps. */
const FIRST_SEQUENCE = 65_400;

/**
 * The media of one simulated call: counters like Asterisk's and the RTCP events that it makes of them, in the form recorded from
 * 22.10.1, with its wrong `SSRC` in the `RTCPReceived` of a sender report.
 */
export class SimMedia {
  readonly #received: Totals = { expected: 0, lost: 0, holes: 0 };
  readonly #sent: Totals = { expected: 0, lost: 0, holes: 0 };
  #reports = 0;

  /** Lets an interval pass. @returns the lines that follow the channel's own, of `RTCPSent` and of `RTCPReceived`. */
  pass({ received, sent, rttSeconds = 0.02 }: SimInterval): { sent: readonly Line[]; received: readonly Line[] } {
    this.#reports += 1;
    add(this.#received, received);
    add(this.#sent, sent);
    const lsr = this.#reports === 1 ? 0 : 3_605_320_600 + this.#reports;
    const ntpSeconds = (4_004_501_220 + this.#reports * 5) % 0x1_0000_0000;
    return {
      sent: [
        ['SSRC', hex(OUR_SSRC)],
        ...senderReport(this.#sent),
        ...block(THEIR_SSRC, this.#received, received?.jitterTicks, lsr),
      ],
      received: [
        ['RTT', (lsr === 0 ? 0 : rttSeconds).toFixed(4)],
        ['SSRC', hex(ntpSeconds)],
        ...senderReport(this.#received),
        ...block(OUR_SSRC, this.#sent, sent?.jitterTicks, lsr),
      ],
    };
  }

  /** The value of `CHANNEL(rtcp,all)`. */
  statistics(): string {
    const { expected, lost } = this.#received;
    const counts = `lp=${lost};rxjitter=0.000000;rxcount=${expected - lost};txjitter=0.000000;txcount=${this.#sent.expected}`;
    return `ssrc=${OUR_SSRC};themssrc=${expected === 0 ? 0 : THEIR_SSRC};${counts};rlp=${this.#sent.lost};rtt=0.000488;rxmes=88.0;txmes=88.0`;
  }
}

function add(totals: Totals, direction: SimDirection | undefined): void {
  totals.expected += direction?.expected ?? 0;
  totals.lost += direction?.lost ?? 0;
  totals.holes += direction?.holes ?? 0;
}

function senderReport({ expected, holes }: Totals): readonly Line[] {
  return [
    ['PT', '200(SR)'],
    ['ReportCount', '1'],
    ['SentPackets', String(expected - holes)],
  ];
}

function block(ssrc: number, { expected, lost }: Totals, jitterTicks = 0, lsr = 0): readonly Line[] {
  const highest = FIRST_SEQUENCE + expected;
  return [
    ['Report0SourceSSRC', hex(ssrc)],
    ['Report0FractionLost', '0'],
    ['Report0CumulativeLost', String((lost + 0x100_0000) % 0x100_0000)],
    ['Report0HighestSequence', String(highest % 0x1_0000)],
    ['Report0SequenceNumberCycles', String(Math.floor(highest / 0x1_0000))],
    ['Report0IAJitter', String(jitterTicks)],
    ['Report0LSR', String(lsr)],
    ['Report0DLSR', '0.0000'],
  ];
}

function hex(ssrc: number): string {
  return `0x${ssrc.toString(16).padStart(8, '0')}`;
}
