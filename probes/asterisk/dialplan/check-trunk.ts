import { IDENTIFIER_PATTERN } from '../../../wire/identifiers.ts';
import type { CallerIdRule, DialTrunk } from './input.ts';
import { nextFault } from './reroute.ts';

const IDENTIFIER = new RegExp(IDENTIFIER_PATTERN);
const ENDPOINT = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/;
const NUMBER_TEMPLATE = /^\+?[0-9*#]{0,20}\{e164\}$/;
const NATIONAL_TEMPLATE = /^\+?[0-9*#]{0,20}\{national\}$/;
const COUNTRY_CODE = /^[1-9][0-9]{0,3}$/;
const DIAL_URI =
  /^sips?:\{number\}@(?:[A-Za-z0-9.-]{1,253}|\[[0-9a-fA-F:]{2,45}\])(?::[0-9]{1,5})?(?:;[a-z]{1,20}=[a-z0-9.-]{1,40}){0,4}$/;
const CALLER_NUMBER = /^\+?[0-9]{2,20}$/;
const DOMAIN = /^[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$/;
const CODEC = /^[a-z0-9]{2,16}$/;
const CONTEXT = /^[A-Za-z][A-Za-z0-9_-]{0,78}$/;

/** Most micro-units a minute may cost: 1000 of a currency. */
const MAX_PRICE_MICROS = 1_000_000_000;

/** Collects faults: a condition that must hold, or a text that must fit a form, with its place. */
export type Expectations = {
  readonly expect: (isGood: boolean, path: string, message: string) => void;
  readonly matches: (pattern: RegExp, value: string, path: string, wanted: string) => void;
};

function checkCallerId(rule: CallerIdRule, at: string, { matches, expect }: Expectations): void {
  const wanted = '2 to 20 digits, + allowed in front';
  if (rule.rule === 'fixed') matches(CALLER_NUMBER, rule.number, `${at}.number`, wanted);
  if (rule.rule !== 'tenant') return;
  matches(CALLER_NUMBER, rule.otherwise, `${at}.otherwise`, wanted);
  const tenants = Object.entries(rule.numbers);
  expect(tenants.length > 0, `${at}.numbers`, 'expected at least one tenant');
  for (const [tenant, number] of tenants) {
    matches(IDENTIFIER, tenant, `${at}.numbers`, 'tenants named with a-z, 0-9 and -');
    matches(CALLER_NUMBER, number, `${at}.numbers.${tenant}`, wanted);
  }
}

function checkLocalForm(trunk: DialTrunk, at: string, { matches, expect }: Expectations): void {
  if (trunk.localContext === undefined) return;
  matches(CONTEXT, trunk.localContext, `${at}.localContext`, 'a context: a letter, then letters, digits, _ and -');
  expect(
    !trunk.localContext.startsWith('trunkward-'),
    `${at}.localContext`,
    'a context of the include would dial in a ring',
  );
  const own = `of no use with localContext: its context dials`;
  trunk.edges.forEach(({ dialUri }, index) => {
    expect(dialUri === undefined, `${at}.edges[${index}].dialUri`, own);
  });
  expect(trunk.codecs === undefined, `${at}.codecs`, own);
  expect(trunk.assertedIdentity === undefined, `${at}.assertedIdentity`, own);
  expect(trunk.edgeChoice !== 'random', `${at}.edgeChoice`, own);
}

function checkReroute({ reroute }: DialTrunk, at: string, { expect }: Expectations): void {
  if (reroute === undefined) return;
  reroute.next.forEach((status, index) => {
    const fault = nextFault(status);
    expect(fault === undefined, `${at}.reroute.next[${index}]`, fault ?? '');
    expect(!reroute.final.includes(status), `${at}.reroute.next[${index}]`, `${status} is among final as well`);
  });
  reroute.final.forEach((status, index) => {
    const isStatus = Number.isInteger(status) && status >= 400 && status <= 699;
    expect(isStatus, `${at}.reroute.final[${index}]`, `expected a SIP status from 400 to 699, got ${status}`);
  });
}

function checkNumbers(trunk: DialTrunk, at: string, { expect }: Expectations): void {
  const whole = (value: number | undefined, least: number, most: number, path: string, unit: string): void => {
    const isGood = value === undefined || (Number.isInteger(value) && value >= least && value <= most);
    expect(isGood, `${at}.${path}`, `expected whole ${unit} from ${least} to ${most}, got ${value}`);
  };
  whole(trunk.dialTimeoutS, 1, 600, 'dialTimeoutS', 'seconds');
  whole(trunk.capacity?.calls, 1, 100_000, 'capacity.calls', 'calls');
  whole(trunk.capacity?.callsPerS, 1, 10_000, 'capacity.callsPerS', 'calls');
  for (const [group, micros] of Object.entries(trunk.pricesMicrosPerMinute ?? {})) {
    whole(micros, 0, MAX_PRICE_MICROS, `pricesMicrosPerMinute.${group}`, 'micro-units');
  }
}

/**
 * Finds every value of one trunk that extensions.conf or a dial string could take for something else, and every setting that
 * contradicts another.
 *
 * @param at - the trunk's place, e.g. `trunks[2]`.
 */
export function checkTrunk(trunk: DialTrunk, at: string, expectations: Expectations): void {
  const { expect, matches } = expectations;
  matches(IDENTIFIER, trunk.trunk, `${at}.trunk`, 'a name of a-z, 0-9 and -');
  matches(ENDPOINT, trunk.endpoint, `${at}.endpoint`, 'a PJSIP endpoint name of letters, digits, _ . -');
  matches(NUMBER_TEMPLATE, trunk.numberTemplate, `${at}.numberTemplate`, 'digits, *, # or a leading +, then {e164}');
  if (trunk.national !== undefined) {
    const { countryCode, template } = trunk.national;
    matches(COUNTRY_CODE, countryCode, `${at}.national.countryCode`, '1 to 4 digits, no 0 first');
    matches(NATIONAL_TEMPLATE, template, `${at}.national.template`, 'digits, *, # or a leading +, then {national}');
  }
  expect(trunk.edges.length > 0, `${at}.edges`, 'expected at least one edge');
  trunk.edges.forEach(({ edge, dialUri }, index) => {
    matches(IDENTIFIER, edge, `${at}.edges[${index}].edge`, 'a name of a-z, 0-9 and -');
    if (dialUri === undefined) return;
    matches(DIAL_URI, dialUri, `${at}.edges[${index}].dialUri`, 'sip:{number}@HOST[:PORT][;name=value]');
  });
  checkCallerId(trunk.callerId, `${at}.callerId`, expectations);
  if (trunk.assertedIdentity !== undefined) {
    checkCallerId(trunk.assertedIdentity.callerId, `${at}.assertedIdentity.callerId`, expectations);
    matches(DOMAIN, trunk.assertedIdentity.domain, `${at}.assertedIdentity.domain`, 'a host name or IPv4 address');
  }
  trunk.codecs?.forEach((codec, index) => {
    matches(CODEC, codec, `${at}.codecs[${index}]`, 'a codec as Asterisk names it: alaw, ulaw, g722, opus');
  });
  checkLocalForm(trunk, at, expectations);
  checkReroute(trunk, at, expectations);
  checkNumbers(trunk, at, expectations);
}
