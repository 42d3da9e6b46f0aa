import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { WebSocket } from 'ws';
import type { AsteriskInstance } from './asterisk-instance.ts';
import { type Certificate, makeCertificate } from './certificate.ts';
import { run } from './command.ts';
import type { HostProcess } from './host-process.ts';
import { HubReader } from './hub-reader.ts';
import type { Lab } from './lab.ts';
import type { Host } from './network.ts';
import type { Phone } from './phone.ts';
import {
  budgetFor,
  hubConfig,
  type Pace,
  type PbxPlace,
  PROMISED_PACE,
  type ProviderPlace,
  probeConfig,
} from './program-config.ts';
import type { Provider } from './provider.ts';
import { startRelay } from './relay.ts';

const PROGRAM = join(import.meta.dirname, '../../trunkward.js');
const AMI_RELAY_PORT = 5039;

/** A PBX besides the first two, and its site. */
export type FurtherPbx = { readonly pbx: string; readonly site: string };

/** One more PBX at each of the two sites. */
export const SECOND_PBXES: readonly FurtherPbx[] = [
  { pbx: 'pbx3', site: 'site1' },
  { pbx: 'pbx4', site: 'site2' },
];

/** A PBX at a site of its own: a provider then has two witnesses left while one of the three sites is at fault. */
export const THIRD_SITE: readonly FurtherPbx[] = [{ pbx: 'pbx3', site: 'site3' }];

/** What a scenario may set; everything else is the same for all. */
export type TwoSitesOptions = {
  readonly pace?: Pace;
  /** Overrides of the hub's `routing`, e.g. `holdDownMs`. */
  readonly routing?: Readonly<Record<string, number>>;
  /** Overrides of the hub's `correlate`. */
  readonly correlate?: Readonly<Record<string, number>>;
  /** Asterisk's own qualify of its trunks, seconds. */
  readonly qualify?: { readonly frequencyS: number; readonly timeoutS: number };
  /** PJSIP's T1 of a PBX by name, milliseconds; the lab's own where absent. */
  readonly timerT1MsOf?: Readonly<Record<string, number>>;
  /** What each provider allows of OPTIONS; room for the pace of every probe when absent. */
  readonly budget?: Readonly<Record<string, number>>;
  /** Last hand on the configuration of every probe, and on the hub's. */
  readonly amendProbe?: (document: Readonly<Record<string, unknown>>) => Readonly<Record<string, unknown>>;
  readonly amendHub?: (document: Readonly<Record<string, unknown>>) => Readonly<Record<string, unknown>>;
  /** None unless told, see {@link SECOND_PBXES} and {@link THIRD_SITE}. */
  readonly furtherPbxes?: readonly FurtherPbx[];
};

/** One site's PBX and the probe beside it. The probe reaches AMI through `amiRelay`, so that a test can cut it. */
export type Site = {
  readonly place: PbxPlace;
  readonly pbx: AsteriskInstance;
  readonly amiRelay: HostProcess;
  /** Starts the probe, again after its end. */
  readonly startProbe: () => HostProcess;
  /** Starts one more probe beside it with the same configuration but a data folder and environment of its own. */
  readonly startOther: (folder: string, environment: Readonly<Record<string, string>>) => Promise<HostProcess>;
  readonly probeConfigPath: string;
  /** Asterisk's manager account, for who looks beside the product. */
  readonly amiLogin: { readonly user: string; readonly secret: string };
};

/**
 * Two sites with an Asterisk and a probe each, providers A and B, a hub and a phone, each on a host of its own. Asterisk runs
 * with the include that the program itself writes from the probe's configuration. The programs are prepared as
 * after an installation. Hub and probes are started by the scenario.
 */
export type TwoSites = {
  readonly hubHost: Host;
  readonly sites: readonly [Site, Site];
  /** PBXs besides the first two, in the order asked for. */
  readonly further: readonly Site[];
  readonly a: Provider;
  readonly b: Provider;
  readonly phone: Phone;
  readonly reader: HubReader;
  /** The hub's data folder. */
  readonly hubDataDir: string;
  /** Opens a WebSocket to the hub from outside, over its TLS. */
  readonly openSocket: (path: string, token: string) => WebSocket;
  /** The token of the first site's probe. */
  readonly firstToken: string;
  readonly startHub: () => HostProcess;
};

async function addSite(
  lab: Lab,
  shared: {
    readonly pbxes: readonly PbxPlace[];
    readonly providers: readonly ProviderPlace[];
    readonly phone: Phone;
    readonly hubUrl: string;
    readonly certificate: Certificate;
    readonly pace: Pace;
    readonly token: string;
    readonly qualify: TwoSitesOptions['qualify'];
    readonly timerT1MsOf: TwoSitesOptions['timerT1MsOf'];
    readonly amendProbe: TwoSitesOptions['amendProbe'];
  },
  place: PbxPlace,
  pbx: AsteriskInstance,
): Promise<Site> {
  const folder = await lab.subfolder(`probe-${place.pbx}`);
  const dataDir = join(folder, 'data');
  await mkdir(dataDir, { recursive: true });
  const configPath = join(folder, 'probe.yaml');
  const written = probeConfig({
    ...shared,
    dataDir,
    own: place,
    caFile: shared.certificate.certFile,
    amiPort: AMI_RELAY_PORT,
  });
  const config = shared.amendProbe?.(written) ?? written;
  await writeFile(configPath, JSON.stringify(config, null, 2));
  const include = await run([process.execPath, PROGRAM, 'dialplan', '--config', configPath]);
  const amiSecret = randomBytes(12).toString('hex');
  const amiLogin = { user: 'trunkward', secret: amiSecret };
  const timerT1Ms = shared.timerT1MsOf?.[place.pbx];
  await pbx.configure({
    address: place.address,
    trunks: shared.providers.map(({ endpoint, address }) => ({
      endpoint,
      address,
      ...(shared.qualify && { qualify: shared.qualify }),
    })),
    phoneAddresses: shared.phone.host.addresses,
    peerAddresses: shared.pbxes.filter((other) => other.pbx !== place.pbx).map(({ address }) => address),
    ami: amiLogin,
    include,
    ...(timerT1Ms !== undefined && { timerT1Ms }),
  });
  await pbx.start();
  const amiRelay = await startRelay(lab, pbx.host, AMI_RELAY_PORT, '127.0.0.1:5038');
  const environment = { TOKEN: shared.token, AMI_SECRET: amiSecret };
  const start = (name: string, path: string, logPath: string, env: Readonly<Record<string, string>>): HostProcess =>
    lab.start(pbx.host, { name, argv: [process.execPath, PROGRAM, 'probe', '--config', path], logPath, env });
  let startCount = 0;
  const startProbe = (): HostProcess => {
    startCount += 1;
    return start(`probe on ${place.pbx}`, configPath, join(folder, `probe-${startCount}.log`), environment);
  };
  const startOther: Site['startOther'] = async (otherFolder, overrides) => {
    const path = join(otherFolder, 'probe.yaml');
    const other = { ...config, dataDir: otherFolder, metrics: { port: 0 } };
    await writeFile(path, JSON.stringify(other, null, 2));
    const env = { ...environment, ...overrides };
    return start(`another probe on ${place.pbx}`, path, join(otherFolder, 'probe.log'), env);
  };
  return { place, pbx, amiRelay, startProbe, startOther, probeConfigPath: configPath, amiLogin };
}

/** Builds everything and starts all but hub and probes. */
export async function openTwoSites(lab: Lab, options: TwoSitesOptions = {}): Promise<TwoSites> {
  await run([process.execPath, PROGRAM, 'prepare'], { timeoutMs: 60_000 });
  const a = await lab.addProvider('provider-a');
  const b = await lab.addProvider('provider-b');
  const phone = await lab.addPhone('phone');
  const hubHost = await lab.addHost('hub');
  const instances = [await lab.addPbx('pbx1'), await lab.addPbx('pbx2')] as const;
  const placeOf = (instance: AsteriskInstance, site: string): PbxPlace => ({
    pbx: instance.host.name,
    site,
    address: instance.host.addresses[0],
  });
  const places = [placeOf(instances[0], 'site1'), placeOf(instances[1], 'site2')] as const;
  const others: { readonly instance: AsteriskInstance; readonly place: PbxPlace; readonly token: string }[] = [];
  for (const { pbx, site } of options.furtherPbxes ?? []) {
    const instance = await lab.addPbx(pbx);
    others.push({ instance, place: placeOf(instance, site), token: randomBytes(24).toString('hex') });
  }
  const all = [...places, ...others.map(({ place }) => place)];
  const providers: readonly ProviderPlace[] = [
    { provider: 'telco-a', trunk: 'a', edge: 'a1', endpoint: 'trunk-a', address: a.host.addresses[0] },
    { provider: 'telco-b', trunk: 'b', edge: 'b1', endpoint: 'trunk-b', address: b.host.addresses[0] },
  ];
  const folder = await lab.subfolder('hub');
  const [hubAddress] = hubHost.addresses;
  const certificate = await makeCertificate(folder, hubAddress);
  const newToken = (): string => randomBytes(24).toString('hex');
  const [token1, token2, adminToken] = [newToken(), newToken(), newToken()];
  const dataDir = join(folder, 'data');
  await mkdir(dataDir, { recursive: true });
  const configPath = join(folder, 'hub.yaml');
  const written = hubConfig({
    dataDir,
    address: hubAddress,
    ...certificate,
    pbxes: all,
    providers,
    routing: options.routing ?? {},
    correlate: options.correlate ?? {},
    budget: options.budget ?? budgetFor(options.pace ?? PROMISED_PACE, all.length),
  });
  await writeFile(configPath, JSON.stringify(options.amendHub?.(written) ?? written, null, 2));
  const shared = {
    pbxes: all,
    providers,
    phone,
    hubUrl: `wss://${hubAddress}:8480/api/v1/probe`,
    certificate,
    pace: options.pace ?? PROMISED_PACE,
    qualify: options.qualify,
    timerT1MsOf: options.timerT1MsOf,
    amendProbe: options.amendProbe,
  };
  const site1 = await addSite(lab, { ...shared, token: token1 }, places[0], instances[0]);
  const site2 = await addSite(lab, { ...shared, token: token2 }, places[1], instances[1]);
  const further: Site[] = [];
  for (const { instance, place, token } of others) {
    further.push(await addSite(lab, { ...shared, token }, place, instance));
  }
  const apiSocket = join(lab.folder, 'hub-api');
  await startRelay(lab, hubHost, apiSocket, `${hubAddress}:8480`);
  let startCount = 0;
  const startHub = (): HostProcess => {
    startCount += 1;
    return lab.start(hubHost, {
      name: 'hub',
      argv: [process.execPath, PROGRAM, 'hub', '--config', configPath],
      logPath: join(folder, `hub-${startCount}.log`),
      env: {
        TOKEN_PBX1: token1,
        TOKEN_PBX2: token2,
        TOKEN_ADMIN: adminToken,
        ...Object.fromEntries(others.map(({ place, token }) => [`TOKEN_${place.pbx.toUpperCase()}`, token])),
      },
    });
  };
  return {
    hubHost,
    sites: [site1, site2],
    further,
    a,
    b,
    phone,
    reader: new HubReader(apiSocket, certificate.text, adminToken),
    hubDataDir: dataDir,
    openSocket: (path, token) =>
      new WebSocket(`wss://hub.lab${path}`, {
        headers: { authorization: `Bearer ${token}` },
        createConnection: () => connect({ path: apiSocket, servername: 'hub.lab', ca: certificate.text }),
      }),
    firstToken: token1,
    startHub,
  };
}
