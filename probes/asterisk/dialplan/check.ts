import { IDENTIFIER_PATTERN } from '../../../wire/identifiers.ts';
import { checkTrunk } from './check-trunk.ts';
import type { DialplanFault, DialplanInput } from './input.ts';

const IDENTIFIER = new RegExp(IDENTIFIER_PATTERN);
const PREFIX = /^[1-9][0-9]{0,14}$/;
const EMERGENCY_NUMBER = /^[0-9*#]{2,8}$/;
const RULE_PREFIX = /^(?:\+?[0-9]{0,15})$/;
const RULE_PREPEND = /^[0-9]{0,15}$/;

const VARIABLE = /^[A-Z][A-Z0-9_]{0,39}$/;

/** Highest ceiling of a class, as the highest price: 1000 of a currency a minute. */
const MAX_CEILING_MICROS = 1_000_000_000;

/** Most trunks a class may list, as in the configuration schema. */
const MAX_CLASS_TRUNKS = 50;

function shown(value: string): string {
  return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value);
}

/**
 * Finds every value that extensions.conf, a dial string or an AstDB key could take for something else, and every name
 * that leads nowhere. Pure; never throws.
 *
 * @returns all faults in the order of the input; empty when the input may be rendered.
 */
export function checkDialplanInput(input: DialplanInput): readonly DialplanFault[] {
  const faults: DialplanFault[] = [];
  const expect = (isGood: boolean, path: string, message: string): void => {
    if (!isGood) faults.push({ path, message });
  };
  const matches = (pattern: RegExp, value: string, path: string, wanted: string): void =>
    expect(pattern.test(value), path, `expected ${wanted}, got ${shown(value)}`);
  const unique = (seen: Set<string>, value: string, path: string): void => {
    expect(!seen.has(value), path, `${shown(value)} is listed twice`);
    seen.add(value);
  };

  const trunkNames = new Set<string>();
  expect(input.trunks.length > 0, 'trunks', 'expected at least one trunk');
  for (const [index, trunk] of input.trunks.entries()) {
    const at = `trunks[${index}]`;
    checkTrunk(trunk, at, { expect, matches });
    unique(trunkNames, trunk.trunk, `${at}.trunk`);
  }

  const checkTrunkList = (trunks: readonly string[], path: string): void => {
    expect(trunks.length > 0, path, 'expected at least one trunk');
    expect(
      trunks.length <= MAX_CLASS_TRUNKS,
      path,
      `expected at most ${MAX_CLASS_TRUNKS} trunks, got ${trunks.length}`,
    );
    const seen = new Set<string>();
    for (const [index, name] of trunks.entries()) {
      unique(seen, name, `${path}[${index}]`);
      expect(trunkNames.has(name), `${path}[${index}]`, `no trunk is called ${shown(name)}`);
    }
  };

  const classNames = new Set<string>();
  const prefixes = new Set<string>();
  for (const [index, group] of input.classes.entries()) {
    matches(IDENTIFIER, group.class, `classes[${index}].class`, 'a name of a-z, 0-9 and -');
    unique(classNames, group.class, `classes[${index}].class`);
    for (const [prefixIndex, prefix] of group.prefixes.entries()) {
      matches(PREFIX, prefix, `classes[${index}].prefixes[${prefixIndex}]`, '1 to 15 E.164 digits');
      unique(prefixes, prefix, `classes[${index}].prefixes[${prefixIndex}]`);
    }
    checkTrunkList(group.trunks, `classes[${index}].trunks`);
    const ceiling = group.ceilingMicrosPerMinute ?? 0;
    expect(
      Number.isInteger(ceiling) && ceiling >= 0 && ceiling <= MAX_CEILING_MICROS,
      `classes[${index}].ceilingMicrosPerMinute`,
      `expected whole micro-units from 0 to ${MAX_CEILING_MICROS}, got ${ceiling}`,
    );
  }

  for (const [index, { pricesMicrosPerMinute = {} }] of input.trunks.entries()) {
    for (const name of Object.keys(pricesMicrosPerMinute)) {
      expect(classNames.has(name), `trunks[${index}].pricesMicrosPerMinute`, `no class is called ${shown(name)}`);
    }
  }
  if (input.tenant?.from === 'variable') {
    const wanted = 'a channel variable: a capital letter, then capitals, digits and _';
    matches(VARIABLE, input.tenant.variable, 'tenant.variable', wanted);
    expect(!input.tenant.variable.startsWith('TRUNKWARD_'), 'tenant.variable', "TRUNKWARD_ is the include's own");
  }

  const numbers = new Set<string>();
  for (const [index, number] of input.emergency.numbers.entries()) {
    matches(EMERGENCY_NUMBER, number, `emergency.numbers[${index}]`, '2 to 8 digits, * or #');
    unique(numbers, number, `emergency.numbers[${index}]`);
  }
  if (numbers.size > 0) checkTrunkList(input.emergency.trunks, 'emergency.trunks');

  const rulePrefixes = new Set<string>();
  for (const [index, rule] of input.dialRules.entries()) {
    matches(RULE_PREFIX, rule.prefix, `dialRules[${index}].prefix`, 'digits, + allowed in front');
    unique(rulePrefixes, rule.prefix, `dialRules[${index}].prefix`);
    matches(RULE_PREPEND, rule.prepend, `dialRules[${index}].prepend`, 'digits');
    expect(
      Number.isInteger(rule.strip) && rule.strip >= 0 && rule.strip <= rule.prefix.length,
      `dialRules[${index}].strip`,
      `expected 0 to ${rule.prefix.length} (the length of the prefix), got ${rule.strip}`,
    );
  }
  return faults;
}
