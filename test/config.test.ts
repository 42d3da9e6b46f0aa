import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readDocument } from '../config-document.ts';
import { readProbeConfig } from '../probes/config.ts';
import { readHubConfig } from '../server/config.ts';

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
  'invalid-hub-empty-class.yaml': ['classes[0].trunks: must not have fewer than 1 items'],
  'invalid-hub-mode-scope.yaml': ['modes[0].scope: site ams is not configured'],
  'invalid-hub-probe-budget.yaml': [
    'providers[0].options.attemptsPerMinute: must be >= 1',
    'providers[0].options.witnessesPerSite: must be <= 3',
    'providers[0].options.aliveCodes[0]: must match pattern "^[2-6]([0-9]{2}|xx)$"',
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
  'invalid-probe-injection.yaml': ['trunks[0].endpoint: must match pattern "^[A-Za-z0-9_.-]{1,64}$"'],
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
