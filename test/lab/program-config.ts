/** A hub's or probe's lab settings that differ between scenarios. Intervals in milliseconds. */
export type Pace = {
  readonly optionsIntervalMs: number;
  readonly lossMeanMs: number;
  readonly budgetPerMinute: number;
};

/** One probe a second with quick confirmation: the pace that detection and flip times are promised at. */
export const PROMISED_PACE: Pace = { optionsIntervalMs: 1000, lossMeanMs: 5000, budgetPerMinute: 300 };

/** Six samples a second and path, for figures that need hundreds of samples within a minute. */
export const DENSE_PACE: Pace = { optionsIntervalMs: 500, lossMeanMs: 250, budgetPerMinute: 1200 };

/** Damping short enough for a scenario to see a trunk leave and return; it does not double. Milliseconds. */
export const SHORT_DAMPING = {
  routing: {
    holdDownMs: 4000,
    maxHoldDownMs: 4000,
    halfOpenMs: 4000,
    halfOpenSamples: 4,
    rampStepMs: 500,
    probesAloneAfterMs: 1000,
  },
  correlate: { minQuietMs: 4000 },
} as const;

/** Room in a provider's budget for every PBX to keep its pace. Of what is left over at intervals the loss schedule gets 0.8. */
export function budgetFor(pace: Pace, pbxCount: number) {
  const lossPerMinute = pace.lossMeanMs > 0 ? 60_000 / pace.lossMeanMs / 0.8 : 0;
  const each = Math.ceil(60_000 / pace.optionsIntervalMs + lossPerMinute);
  return {
    attemptsPerMinute: each * pbxCount,
    confirmPerMinute: (pace.budgetPerMinute - each) * pbxCount,
    fastestIntervalMs: pace.optionsIntervalMs,
  };
}

/** One PBX as the programs are told of it. */
export type PbxPlace = { readonly pbx: string; readonly site: string; readonly address: string };

/** One provider with its single trunk and edge: trunk `a`, edge `a1` at provider `telco-a`. */
export type ProviderPlace = {
  readonly provider: string;
  readonly trunk: string;
  readonly edge: string;
  readonly endpoint: string;
  readonly address: string;
};

/** The hub's configuration as a document (JSON is YAML). Secrets are in the environment. Pure. */
export function hubConfig(options: {
  readonly dataDir: string;
  readonly address: string;
  readonly certFile: string;
  readonly keyFile: string;
  readonly pbxes: readonly PbxPlace[];
  readonly providers: readonly ProviderPlace[];
  readonly routing: Readonly<Record<string, number>>;
  readonly correlate: Readonly<Record<string, number>>;
  /** What each provider allows of OPTIONS. */
  readonly budget: Readonly<Record<string, number>>;
}): Readonly<Record<string, unknown>> {
  return {
    listen: { host: options.address, port: 8480, tls: { certFile: options.certFile, keyFile: options.keyFile } },
    dataDir: options.dataDir,
    sites: [...new Set(options.pbxes.map(({ site }) => site))].map((site) => ({ site })),
    pbxes: options.pbxes.map(({ pbx, site }) => ({
      pbx,
      site,
      probe: `probe-${pbx}`,
      token: { env: `TOKEN_${pbx.toUpperCase()}` },
    })),
    providers: options.providers.map(({ provider, trunk, edge }) => ({
      provider,
      trunks: [{ trunk, edges: [edge] }],
      options: options.budget,
    })),
    classes: [{ class: 'national', trunks: options.providers.map(({ trunk }) => trunk) }],
    tokens: [{ name: 'lab', role: 'admin', token: { env: 'TOKEN_ADMIN' } }],
    modes: [{ function: 'routing', mode: 'enforce' }],
    correlate: options.correlate,
    // Few calls are made in a lab: a returning trunk's steps go on probes alone, unless a scenario asks for more.
    routing: { maxChangedRatio: 1, rampStepMs: 1000, probesAloneAfterMs: 2000, ...options.routing },
  };
}

/** A probe's configuration as a document. Emergency goes by the last provider first, so that a test can tell. Pure. */
export function probeConfig(options: {
  readonly dataDir: string;
  readonly own: PbxPlace;
  readonly hubUrl: string;
  readonly caFile: string;
  readonly amiPort: number;
  readonly pbxes: readonly PbxPlace[];
  readonly providers: readonly ProviderPlace[];
  readonly pace: Pace;
}): Readonly<Record<string, unknown>> {
  const { own, pace, providers } = options;
  return {
    probe: `probe-${own.pbx}`,
    pbx: own.pbx,
    hub: { urls: [options.hubUrl], token: { env: 'TOKEN' }, caFile: options.caFile },
    ami: { port: options.amiPort, username: 'trunkward', secret: { env: 'AMI_SECRET' } },
    dataDir: options.dataDir,
    sourceAddress: own.address,
    options: {
      intervalMs: pace.optionsIntervalMs,
      lossMeanMs: pace.lossMeanMs,
      budgetPerMinute: pace.budgetPerMinute,
    },
    trunks: providers.map(({ trunk, endpoint, edge, address }) => ({
      trunk,
      endpoint,
      edges: [{ edge, address, dialUri: `sip:{number}@${address}:5060` }],
      numberTemplate: '+{e164}',
      dialTimeoutS: 30,
    })),
    peers: options.pbxes.filter(({ pbx }) => pbx !== own.pbx).map(({ pbx, address }) => ({ pbx, address })),
    classes: [{ class: 'national', prefixes: ['49'], trunks: providers.map(({ trunk }) => trunk) }],
    emergency: { numbers: ['112'], trunks: providers.map(({ trunk }) => trunk).toReversed() },
    dialRules: [{ prefix: '0', strip: 1, prepend: '49' }],
  };
}
