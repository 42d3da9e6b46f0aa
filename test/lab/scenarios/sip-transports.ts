import { run } from '../command.ts';
import type { Lab } from '../lab.ts';
import { pollFor, pollUntil, watchFor } from '../poll.ts';
import type { Scenario } from '../scenario.ts';
import { EDGE_NAME, SRV_NAME, startTransportEdges, type TransportEdges } from '../transport-edges.ts';
import { openTwoSites, type Site, type TwoSites } from '../two-sites.ts';

type Document = Readonly<Record<string, unknown>>;

const STAY_MS = 15_000;
const READ_METRICS = "fetch('http://127.0.0.1:9464/metrics').then((r) => r.text()).then((t) => console.log(t))";

/** Trunk `n` has one edge by name, trunk `t` one edge for each transport and one whose certificate has expired. */
function amendProbe(document: Document, { caFile, expired, good, nameServer }: TransportEdges): Document {
  const { classes, trunks } = document as { readonly classes: readonly unknown[]; readonly trunks: readonly unknown[] };
  const secure = { transport: 'tls', serverName: EDGE_NAME, caFile };
  const edges = [
    { edge: 'expired', address: expired, ...secure },
    { edge: 'tls', address: good, ...secure },
    { edge: 'tcp', address: good, transport: 'tcp' },
  ];
  return {
    ...document,
    dns: { servers: [nameServer] },
    trunks: [
      ...trunks,
      { trunk: 'n', endpoint: 'trunk-n', edges: [{ edge: 'n1', host: SRV_NAME, transport: 'udp' }] },
      { trunk: 't', endpoint: 'trunk-t', edges },
    ],
    classes: [...classes, { class: 'named', prefixes: ['44'], trunks: ['n', 'b'] }],
  };
}

function amendHub(document: Document): Document {
  const { classes, providers } = document as {
    readonly classes: readonly unknown[];
    readonly providers: readonly { readonly options: unknown }[];
  };
  const options = providers[0]?.options;
  return {
    ...document,
    providers: [
      ...providers,
      { provider: 'telco-n', trunks: [{ trunk: 'n', edges: ['n1'] }], options },
      { provider: 'telco-t', trunks: [{ trunk: 't', edges: ['expired', 'tls', 'tcp'] }], options },
    ],
    classes: [...classes, { class: 'named', trunks: ['n', 'b'] }],
  };
}

async function probeMetrics({ pbx }: Site): Promise<(name: string, labels: string) => number> {
  const text = await run(['ip', 'netns', 'exec', pbx.host.namespace, process.execPath, '-e', READ_METRICS]);
  return (name, labels) => {
    const lines = text.split('\n').filter((line) => line.startsWith(`${name}{`) && line.includes(labels));
    return lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
  };
}

async function states(sites: TwoSites): Promise<ReadonlyMap<string, string>> {
  return new Map((await sites.reader.paths()).map(({ key, state }) => [key, state]));
}

/** What AstDB of both sites leads with; where it has no route yet Asterisk goes by the static order, in which n is first. */
async function leaders(sites: TwoSites): Promise<readonly string[]> {
  const texts = await Promise.all(
    sites.sites.map(async ({ pbx }) => await pbx.databaseGet('trunkward', 'route/named')),
  );
  return texts.map((text) => (text === undefined ? 'n' : (/^[^:]*:[^:]*:([^/]*)\//.exec(text)?.[1] ?? text)));
}

async function transports(lab: Lab, sites: TwoSites): Promise<void> {
  for (const site of sites.sites) {
    await pollUntil(
      'every transport was asked four times',
      async () => {
        const count = await probeMetrics(site);
        return ['t.expired', 't.tls', 't.tcp'].every(
          (target) => count('trunkward_sip_options_sent_total', `target="${target}"`) > 3,
        );
      },
      { timeoutMs: 60_000 },
    );
    const read = await probeMetrics(site);
    const of = (target: string) => ({
      sent: read('trunkward_sip_options_sent_total', `target="${target}"`),
      lost: read('trunkward_sip_options_lost_total', `target="${target}"`),
      accepted: read('trunkward_tls_certificate_accepted', `target="${target}"`),
      notAfterS: read('trunkward_tls_certificate_not_after_seconds', `target="${target}"`),
    });
    const [expired, tls, tcp] = [of('t.expired'), of('t.tls'), of('t.tcp')];
    const { pbx } = site.place;
    const isRefused = expired.sent > 3 && expired.lost === expired.sent && expired.accepted === 0;
    const isEndTold = expired.notAfterS === Date.UTC(2020, 5, 1) / 1000;
    lab.check(`the expired certificate is refused, and its end told (${pbx})`, isRefused && isEndTold, { expired });
    const isGood = tls.sent > 3 && tls.lost === 0 && tls.accepted === 1 && tcp.sent > 3 && tcp.lost === 0;
    lab.check(`TLS with a good certificate and TCP answer every time (${pbx})`, isGood, { tls, tcp });
    const found = read('trunkward_edge_addresses', 'edge="n1"');
    lab.check(`the name was found with two addresses (${pbx})`, found === 2, { found });
  }
}

async function oneOfTwoDead(lab: Lab, sites: TwoSites, { good, west }: TransportEdges): Promise<void> {
  await lab.network.loss.dropAt(west, 100);
  await pollUntil(
    'west is hard-down at both sites',
    async () => {
      const now = await states(sites);
      return ['pbx1', 'pbx2'].every((pbx) => now.get(`${pbx}>n.n1.at-west`) === 'hard-down');
    },
    { timeoutMs: 30_000 },
  );
  const moved = await watchFor(
    async () => {
      const now = await leaders(sites);
      return now.every((text) => text === 'n') ? undefined : now;
    },
    { forMs: STAY_MS, signal: lab.signal },
  );
  const now = await states(sites);
  const isEastWell = ['pbx1', 'pbx2'].every((pbx) => now.get(`${pbx}>n.n1.at-east`) === 'healthy');
  const values = { moved, states: Object.fromEntries([...now].filter(([key]) => key.includes('>n.'))) };
  lab.check('one of two addresses dead: the other healthy, and the trunk stays', isEastWell && !moved, values);
  const marks = await Promise.all(sites.sites.map(async ({ pbx }) => await pbx.databaseGet('trunkward', 'down/n')));
  lab.check(
    "and it has no probe's mark",
    marks.every((text) => text === undefined),
    { marks },
  );

  const startedAtEpochMs = Date.now();
  await lab.network.loss.dropAt(good, 100);
  await pollUntil('both AstDB lead with b', async () => (await leaders(sites)).every((text) => text === 'b'), {
    timeoutMs: 30_000,
  });
  lab.check('both addresses dead: the trunk is left', true, { flipMs: Date.now() - startedAtEpochMs });
}

/** OPTIONS over TLS and TCP to a real Kamailio, and one edge by name with two addresses of a real name server. */
export const scenario: Scenario = {
  name: 'sip-transports',
  smoke: false,
  run: async (lab) => {
    const edges = await startTransportEdges(lab);
    const sites = await openTwoSites(lab, { amendProbe: (document) => amendProbe(document, edges), amendHub });
    const hub = sites.startHub();
    const probes = sites.sites.map((site) => site.startProbe());
    const wanted = ['n.n1.at-east', 'n.n1.at-west', 't.tls', 't.tcp', 'a.a1', 'b.b1'];
    await pollFor(
      'all but the expired one healthy',
      async () => {
        const now = await states(sites).catch(() => new Map<string, string>());
        const isWell = ['pbx1', 'pbx2'].every((pbx) => wanted.every((each) => now.get(`${pbx}>${each}`) === 'healthy'));
        return isWell ? now : undefined;
      },
      { timeoutMs: 60_000 },
    ).catch(async (cause: unknown) => {
      const seen = await states(sites).catch(() => undefined);
      const logs = [hub, ...probes].map(({ log }) => log.slice(-800)).join('\n');
      throw new Error(`${JSON.stringify([...(seen ?? [])])} ${logs}`, {
        cause,
      });
    });
    await transports(lab, sites);
    await oneOfTwoDead(lab, sites, edges);
  },
};
