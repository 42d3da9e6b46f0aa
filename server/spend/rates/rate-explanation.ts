import { chargeMicros, type RateTerms } from '../../../wire/charge.ts';
import type { DialRule } from '../../../wire/dial-rules.ts';
import type { StoredRateImport } from '../../store/rate-store.ts';
import type { SpendPolicy } from '../spend-schema.ts';
import { decideRate, type Generation, type RateDecision } from './deck-generations.ts';
import { isKnownCountry, type PricedNumber, pricedNumber } from './dialled-number.ts';

/** What is asked: a number as it is written or dialled. */
export type RateQuestion = {
  readonly number: string;
  /** All when absent. */
  readonly provider?: string | undefined;
  readonly tenant?: string | undefined;
  readonly atEpochMs?: number | undefined;
  /** Of a PBX; none are applied when absent. */
  readonly dialRules?: readonly DialRule[];
};

/** The rate of a number at one provider, in words and figures; money is in micro-units of the hub's currency. */
export type RateOffer = {
  readonly provider: string;
  readonly kind: RateDecision['kind'];
  readonly sentence: string;
  readonly prefix?: string;
  readonly destination?: string;
  readonly terms?: RateTerms;
  readonly sinceEpochMs?: number;
  readonly untilEpochMs?: number;
  /** Of 60 seconds, the fee included. */
  readonly minuteMicros?: number;
  readonly decks: readonly {
    readonly importId: number;
    readonly fileName: string;
    readonly importedAtEpochMs: number;
  }[];
};

/** What calls to a number cost. */
export type RatesExplained =
  | { readonly ok: false; readonly fault: Extract<PricedNumber, { readonly ok: false }>['fault'] }
  | {
      readonly ok: true;
      readonly number: Extract<PricedNumber, { readonly ok: true }>;
      readonly currency: string;
      readonly atEpochMs: number;
      readonly offers: readonly RateOffer[];
    };

/** What an explanation rests on. */
export type RateGround = {
  readonly spend: SpendPolicy;
  readonly atEpochMs: number;
  readonly decks: readonly { readonly provider: string; readonly generations: readonly Generation[] }[];
  readonly imports: readonly StoredRateImport[];
};

const REASONS = {
  'unknown-prefix': 'no prefix of the number is in its deck',
  blocked: 'the provider does not connect it',
  'unread-line': 'its line of the deck was not understood',
  ended: 'its rate is over and no later one is known',
  'no-exchange-rate': 'its currency is not in the table of exchange',
  'no-deck': 'no deck of the provider is in force',
} as const;

/** Explains the rate of a number at each provider. */
export function explainRates(question: RateQuestion, { atEpochMs, decks, imports, spend }: RateGround): RatesExplained {
  const country = spend.country !== undefined && isKnownCountry(spend.country) ? spend.country : undefined;
  const number = pricedNumber(question.number, { country, rules: question.dialRules ?? [] });
  if (!number.ok) return number;
  const policy = spend.tenants.find(({ tenant }) => tenant === question.tenant)?.unknownPrefix ?? spend.unknownPrefix;
  const offers = decks.map(({ generations, provider }) => {
    const decision = decideRate(generations, number.e164, atEpochMs, policy);
    return offerOf(provider, decision, imports);
  });
  return { ok: true, number, currency: spend.currency, atEpochMs, offers };
}

function offerOf(provider: string, decision: RateDecision, imports: readonly StoredRateImport[]): RateOffer {
  if (decision.kind === 'refused') {
    const { because } = decision;
    const prefix = 'prefix' in because ? because.prefix : undefined;
    const at = prefix === undefined ? '' : ` (prefix ${prefix})`;
    const sentence = `refused: ${REASONS[because.reason]}${at}`;
    return { provider, kind: 'refused', sentence, ...(prefix !== undefined && { prefix }), decks: [] };
  }
  const { importIds, terms } = decision;
  const used = imports.filter(({ importId }) => importIds.includes(importId));
  const priced = {
    provider,
    terms,
    minuteMicros: chargeMicros(60_000, terms),
    decks: used.map(({ fileName, importedAtEpochMs, importId }) => ({ importId, fileName, importedAtEpochMs })),
  };
  if (decision.kind === 'assumed-dearest') {
    const sentence = `taken at the dearest rate: ${REASONS[decision.because.reason]}`;
    return { ...priced, kind: decision.kind, sentence };
  }
  const { destination, kind, prefix, sinceEpochMs, untilEpochMs } = decision;
  return {
    ...priced,
    kind,
    sentence: `prefix ${prefix}${destination === undefined ? '' : `, ${destination}`}`,
    prefix,
    sinceEpochMs,
    ...(untilEpochMs !== undefined && { untilEpochMs }),
    ...(destination !== undefined && { destination }),
  };
}
