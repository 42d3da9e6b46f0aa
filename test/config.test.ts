import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readDocument } from '../config-document.ts';
import { readProbeConfig } from '../probes/config.ts';
import { ProbeConfigSchema } from '../probes/config-schema.ts';
import { readHubConfig } from '../server/config.ts';
import { HubConfigSchema } from '../server/config-schema.ts';

const VECTORS = new URL('vectors/config/', import.meta.url);
const EXAMPLES = new URL('../docs/examples/', import.meta.url);

/** Each file breaks the rules named here, and all of them are reported at once. */
const EXPECTED: Readonly<Record<string, readonly string[]>> = {
  'invalid-hub-three-faults.yaml': [
    'colour: unknown key',
    'listen.port: must be <= 65535',
    'pbxes[0].site: site ams is not configured',
  ],
  'invalid-hub-plaintext.yaml': ['listen.tls: 0.0.0.0 is not loopback: name tls, or allowPlaintext: true'],
  'invalid-hub-unknown-trunk.yaml': ['classes[0].trunks[1]: trunk b is not configured'],
  'invalid-hub-class-policy.yaml': [
    "classes[1].class: emergency is never planned: its list stands in the probe's file",
    'classes[0].weights.b: b is not a trunk of the class',
  ],
  'invalid-hub-actuators.yaml': [
    'actuators.webhooks[1]: noc is named twice',
    'actuators.webhooks[0].url: noc.example.com is not loopback: use https, or name allowPlaintext: true',
    'actuators.kamailio[0].url: 192.0.2.7 is not loopback: use https, or name allowPlaintext: true',
    'actuators.kamailio[0].follows: pbx fra-2 is not configured',
    'actuators.kamailio[0].sets[1]: 1 is named twice',
    'actuators.kamailio[0].sets[0].destinations[1].trunk: c is not a trunk of national',
    'actuators.kamailio[0].sets[0].destinations: no destination leads to b',
    'actuators.kamailio[0].sets[1].class: class mobile is not configured',
  ],
  'invalid-hub-actuator-forms.yaml': [
    'actuators.exec[0].program: must be an absolute path',
    'actuators.exec[0].shell: unknown key',
    'actuators.webhooks[0].url: must be a URL with http or https and without a password',
    'routing.drift: must be one of repair, report',
  ],
  'invalid-hub-empty-class.yaml': ['classes[0].trunks: must not have fewer than 1 items'],
  'invalid-hub-mode-scope.yaml': ['modes[0].scope: site ams is not configured'],
  'invalid-hub-probe-budget.yaml': [
    'providers[0].options.attemptsPerMinute: must be >= 1',
    'providers[0].options.witnessesPerSite: must be <= 3',
    'providers[0].options.aliveCodes[0]: must be a code of a final reply such as 404, or a class such as 4xx',
  ],
  'invalid-hub-mesh.yaml': [
    'mesh.offMs: onMs and offMs are 350000 ms together: at most 300000',
    'mesh.cleanRatio: 0.05 is not below lossyRatio, 0.02',
  ],
  'invalid-hub-mesh-pace.yaml': [
    'mesh.maxKbps: unknown key',
    'mesh.packetMs: must be >= 20',
    'mesh.onMs: must be >= 1000',
  ],
  'invalid-hub-time-zone.yaml': ['providers[0].timeZone: Mars/Olympus is no time zone that this system knows'],
  'invalid-hub-line.yaml': ['line.atOnce: must be >= 1', 'line.everyMs: must be >= 600000'],
  'invalid-hub-secret-in-place.yaml': ['pbxes[0].token: must be object'],
  'invalid-probe-number-as-number.yaml': ['classes[0].prefixes[0]: must be string: put it in quotes'],
  'invalid-probe-host-name.yaml': [
    'trunks[0].edges[0].address: expected a literal IP address without zone, not "sip.example.net": write a name as host',
  ],
  'invalid-probe-edge-place.yaml': [
    'dns.servers[1]: expected ADDRESS or ADDRESS:PORT, an IPv6 address in brackets before a port, not "dns.example.net:53"',
    'trunks[0].edges[0]: expected either address, a literal, or host, a name to look up',
    'trunks[0].edges[1]: expected either address, a literal, or host, a name to look up',
    'trunks[0].edges[2].host: 192.0.2.9 is an address: write it as address',
  ],
  'invalid-probe-tls-without-tls.yaml': [
    'trunks[0].edges[0].serverName: serverName is for TLS alone, and this edge is asked over udp',
    'trunks[0].edges[1].caFile: caFile is for TLS alone, and this edge is asked over tcp',
    'trunks[0].edges[2].serverName: serverName is for TLS alone, and this edge is asked over tcp',
  ],
  'invalid-probe-source-family.yaml': ['trunks[0].sources[1].address: no edge of this trunk has an IPv6 address'],
  'invalid-probe-zone.yaml': [
    'trunks[0].edges[0].address: expected a literal IP address without zone, not "fe80::1%eth0"',
  ],
  'invalid-probe-forms.yaml': [
    'probe: must be small letters, digits and hyphens, no hyphen first, 32 at most',
    'hub.urls[0]: must be like wss://hub.example.net:8443/api/v1/probe: ws or wss, no user name, no spaces',
    'hub.token.env: must be the name of an environment variable: capital letters, digits and _, a letter first, 64 at most',
    'trunks[0].endpoint: must be the name of a section of pjsip.conf: letters, digits and _ . - alone, 1 to 64 of them',
    'trunks[0].edges[0].dialUri: must be like sip:{number}@HOST or sip:{number}@HOST:PORT;transport=tcp: {number} once, four parameters at most',
    'trunks[0].numberTemplate: must be {e164}, with up to 20 of the characters + * # and digits before it and nothing after it',
    'trunks[0].callerId.number: must be 2 to 20 digits, with or without a + first',
    'testCalls[0].number: must be a number as it is dialled: digits, * and #, with or without a + first, 1 to 32 of them',
    'testCalls[0].caller: must be a number or user name: letters, digits and + _ . - alone, 1 to 64 of them',
    'testCalls[0].currency: must be three capital letters, as ISO 4217 has them: EUR',
    'testCalls[0].timeZone: must be the name of a time zone such as Europe/Berlin',
    'classes[0].prefixes[0]: must be digits alone, 1 to 15 of them',
    'dialRules[0].prepend: must be digits alone, 15 at most',
  ],
  'invalid-probe-no-dial-rules.yaml': [
    "dialRules: expected at least one rule, such as { prefix: '+', strip: 1 }: without any every call is refused",
  ],
  'invalid-probe-dial-prefix.yaml': ['classes[0].prefixes[0]: expected 1 to 15 E.164 digits, got "049"'],
  'invalid-probe-time-out-order.yaml': ['options.minTimeoutMs: 5000 is above maxTimeoutMs, 100'],
  'invalid-probe-shared-endpoint.yaml': [
    "trunks[1].endpoint: endpoint telco is trunk a's already: give each trunk an endpoint of its own",
  ],
  'invalid-probe-uplink-path.yaml': [
    'hub.urls[0]: expected a URL that ends in /api/v1/probe, where a hub takes probes, got wss://hub.example.net:8480',
  ],
  'invalid-probe-plaintext.yaml': ['hub.urls[0]: plaintext to another host needs hub.allowPlaintext: true'],
  'invalid-probe-remote-ami.yaml': ['ami.host: must be one of 127.0.0.1, ::1'],
  'invalid-probe-emergency-trunk.yaml': ['emergency.trunks[0]: trunk z is not among trunks'],
  'invalid-probe-dialplan.yaml': [
    'trunks[0].localContext: a context of the include would dial in a ring',
    'trunks[0].edges[0].dialUri: of no use with localContext: its context dials',
    'trunks[0].codecs: of no use with localContext: its context dials',
    'trunks[0].reroute.next[0]: 486 is a busy callee: the next trunk would ring him again',
    'trunks[0].reroute.next[1]: 487 follows a caller who gave up: it is final',
    'trunks[0].reroute.next[2]: 603 is meant for every trunk: it is final',
    'trunks[0].reroute.next[3]: 503 is among final as well',
    'trunks[0].pricesMicrosPerMinute: no class is called "nowhere"',
    "tenant.variable: TRUNKWARD_ is the include's own",
  ],
  'invalid-probe-dialplan-forms.yaml': [
    'trunks[0].national.countryCode: must be 1 to 4 digits, no 0 first',
    'trunks[0].national.template: must be {national}, with up to 20 of the characters + * # and digits before it and nothing after it',
    'trunks[0].callerId.numbers.acme: must be 2 to 20 digits, with or without a + first',
    'trunks[0].assertedIdentity.domain: must be a host name or IPv4 address',
    'trunks[0].codecs[0]: must be a codec as Asterisk names it: alaw, ulaw, g722',
    'trunks[0].capacity.calls: must be >= 1',
    'trunks[0].dialTimeoutS: must be >= 20',
    'tenant.from: must be one of variable, accountcode',
  ],
  'invalid-probe-injection.yaml': [
    'trunks[0].endpoint: must be the name of a section of pjsip.conf: letters, digits and _ . - alone, 1 to 64 of them',
  ],
};

function read(url: URL, name: string) {
  const result = readDocument(readFileSync(new URL(name, url), 'utf8'));
  if (!result.ok) return result;
  return /hub/.test(name) ? readHubConfig(result.document) : readProbeConfig(result.document);
}

function probeDocument() {
  return {
    probe: 'p1',
    pbx: 'fra-1',
    hub: { urls: ['wss://hub.example.net/api/v1/probe'], token: { env: 'T' } },
    ami: { username: 'trunkward', secret: { env: 'S' } },
    dataDir: '/tmp/x',
    classes: [{ class: 'national', prefixes: ['49'], trunks: ['t1'] }],
    emergency: { numbers: ['112'], trunks: ['t1'] },
    dialRules: [{ prefix: '+', strip: 1 }],
  };
}

/** Every part of a schema that demands a form of a text. */
function textForms(part: unknown): readonly { readonly pattern: string; readonly description?: string }[] {
  if (typeof part !== 'object' || part === null) return [];
  const own = 'pattern' in part ? [part as { readonly pattern: string; readonly description?: string }] : [];
  return [...own, ...Object.values(part).flatMap(textForms)];
}

describe('the configuration files', () => {
  it('has an expectation for each invalid file, and a file for each expectation', () => {
    expect(readdirSync(VECTORS).toSorted()).toEqual(Object.keys(EXPECTED).toSorted());
  });

  it.each(Object.entries(EXPECTED))('%s is refused with every fault and its place', (name, messages) => {
    const result = read(VECTORS, name);
    expect(result.ok).toBe(false);
    const shown = result.ok ? [] : result.faults.map(({ path, message }) => `${path}: ${message}`);
    expect(shown.toSorted()).toEqual(messages.toSorted());
  });

  it.each(readdirSync(EXAMPLES).filter((name) => name.endsWith('.yaml')))('the example %s is sound', (name) => {
    expect(read(EXAMPLES, name)).toMatchObject({ ok: true });
  });

  it.each([
    ['hub', HubConfigSchema],
    ['probe', ProbeConfigSchema],
  ])('of a %s say the form of every text in words', (_program, schema) => {
    const forms = textForms(schema);
    expect(forms.length).toBeGreaterThan(10);
    expect(forms.filter(({ description }) => description === undefined)).toEqual([]);
  });

  it('a probe with more targets than a hello may name is refused with both numbers', () => {
    const trunks = Array.from({ length: 20 }, (_none, trunk) => ({
      trunk: `t${trunk}`,
      endpoint: `e${trunk}`,
      edges: Array.from({ length: 13 }, (_one, edge) => ({ edge: `e${edge}`, address: `192.0.2.${edge}` })),
    }));
    const result = readProbeConfig({ ...probeDocument(), trunks });
    expect(result.ok ? [] : result.faults).toEqual([
      { path: 'trunks', message: 'expected at most 256 edges and peers together, got 260' },
    ]);
    expect(readProbeConfig({ ...probeDocument(), trunks: trunks.slice(1) }).ok).toBe(true);
  });

  it.each([
    ['a repeated key', 'a: 1\na: 2\n', 'line 2, column 1'],
    ['a broken indentation', 'a:\n  - b\n c: 1\n', 'line 3, column 1'],
  ])('%s is refused with its line', (_name, text, path) => {
    const result = readDocument(text);
    expect(result.ok ? [] : result.faults.map((fault) => fault.path)).toContain(path);
  });

  it('defaults to observing everything (rule 7)', () => {
    const result = read(EXAMPLES, 'hub.yaml');
    expect(result.ok && 'config' in result && result.config).toMatchObject({ modes: [] });
  });
});
