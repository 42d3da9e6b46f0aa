import { IDENTIFIER_PATTERN } from '../../../wire/identifiers.ts';
import type { DialplanFault, DialplanInput } from './input.ts';

const IDENTIFIER = new RegExp(IDENTIFIER_PATTERN);
const ENDPOINT = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/;
const NUMBER_TEMPLATE = /^\+?[0-9*#]{0,20}\{e164\}$/;
const DIAL_URI =
  /^sips?:\{number\}@(?:[A-Za-z0-9.-]{1,253}|\[[0-9a-fA-F:]{2,45}\])(?::[0-9]{1,5})?(?:;[a-z]{1,20}=[a-z0-9.-]{1,40}){0,4}$/;
const CALLER_NUMBER = /^\+?[0-9]{2,20}$/;
const PREFIX = /^[1-9][0-9]{0,14}$/;
const EMERGENCY_NUMBER = /^[0-9*#]{2,8}$/;
const RULE_PREFIX = /^(?:\+?[0-9]{0,15})$/;
const RULE_PREPEND = /^[0-9]{0,15}$/;

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
    matches(IDENTIFIER, trunk.trunk, `${at}.trunk`, 'a name of a-z, 0-9 and -');
    unique(trunkNames, trunk.trunk, `${at}.trunk`);
    matches(ENDPOINT, trunk.endpoint, `${at}.endpoint`, 'a PJSIP endpoint name of letters, digits, _ . -');
    matches(NUMBER_TEMPLATE, trunk.numberTemplate, `${at}.numberTemplate`, 'digits, *, # or a leading +, then {e164}');
    expect(trunk.edges.length > 0, `${at}.edges`, 'expected at least one edge');
    for (const [edgeIndex, edge] of trunk.edges.entries()) {
      matches(IDENTIFIER, edge.edge, `${at}.edges[${edgeIndex}].edge`, 'a name of a-z, 0-9 and -');
      if (edge.dialUri === undefined) continue;
      matches(DIAL_URI, edge.dialUri, `${at}.edges[${edgeIndex}].dialUri`, 'sip:{number}@HOST[:PORT][;name=value]');
    }
    const { callerId } = trunk;
    if (callerId.rule === 'fixed') {
      matches(CALLER_NUMBER, callerId.number, `${at}.callerId.number`, '2 to 20 digits, + allowed in front');
    }
    const seconds = trunk.dialTimeoutS;
    expect(
      Number.isInteger(seconds) && seconds >= 1 && seconds <= 600,
      `${at}.dialTimeoutS`,
      `expected whole seconds from 1 to 600, got ${seconds}`,
    );
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
