// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Asterisk writes its own variables this way.
/** A provider edge as Asterisk knows it: one PJSIP endpoint with one literal contact. */
export type PbxTrunk = {
  readonly endpoint: string;
  readonly address: string;
  readonly portNumber?: number;
  /** What `allow` lists (default `ulaw`). */
  readonly codecs?: string;
  /** Local address to send from, other than the PBX's first; it gets a transport of its own. */
  readonly sourceAddress?: string;
  /** Asterisk's own OPTIONS to the contact; without it, none. */
  readonly qualify?: { readonly frequencyS: number; readonly timeoutS: number };
  /** Digest credentials that calls from it are asked for; without them, none. */
  readonly inboundAuth?: { readonly username: string; readonly password: string };
};

/** What an endpoint says of who calls on it: never the caller's own word. Values are taken as they are, hostile ones too. */
export type PhoneIdentity = {
  /** `NAME=value` for `set_var`. */
  readonly variables: readonly string[];
  readonly accountCode?: string;
  /** Where its calls begin (default `from-internal`). */
  readonly context?: string;
};

/** What one lab PBX is configured with. */
export type PbxConfig = {
  readonly address: string;
  readonly trunks: readonly PbxTrunk[];
  /** Phones are recognised by address; they call into the context `from-internal`. */
  readonly phoneAddresses: readonly string[];
  /** Who calls on each phone, in their order; `TENANT=tenant<n>` and nothing else where absent. */
  readonly phoneIdentities?: readonly PhoneIdentity[];
  /** Other PBXs, whose OPTIONS are answered and whose calls are refused. */
  readonly peerAddresses?: readonly string[];
  /** AMI user and secret for the probe, on 127.0.0.1:5038. */
  readonly ami: { readonly user: string; readonly secret: string };
  /** Text of `trunkward-outbound.conf`; without it `from-internal` refuses every number. */
  readonly include?: string;
  /** Contexts of the site's own, besides those of the lab. */
  readonly ownDialplan?: string;
  /** PJSIP T1 in milliseconds, 100 to 500 (default 100 in the lab). Timer B, a silent provider's time-out, is 64 times as long. */
  readonly timerT1Ms?: number;
  /** Milliseconds between RTCP reports (default 5000, Asterisk's own). */
  readonly rtcpIntervalMs?: number;
  /** Calls from the trunks are answered with a tone instead of refused: the PBX plays a provider that sends media and RTCP of its own. */
  readonly isAnsweringTrunks?: boolean;
  /** Numbers that trunks may call, and what answers: `ring` rings for a minute. */
  readonly testNumbers?: Readonly<Record<string, 'echo' | 'tone' | 'ring'>>;
};

const TEST_NUMBERS = {
  echo: 'Answer()\n same => n,Echo()',
  tone: 'Answer()\n same => n,Milliwatt()',
  ring: 'Ringing()\n same => n,Wait(60)',
} as const;

const NOLOAD = [
  'app_agent_pool.so',
  'app_queue.so',
  'app_voicemail.so',
  'cdr_adaptive_odbc.so',
  'cdr_pgsql.so',
  'cdr_radius.so',
  'cdr_tds.so',
  'cel_pgsql.so',
  'cel_radius.so',
  'cel_tds.so',
  'chan_iax2.so',
  'chan_mgcp.so',
  'chan_skinny.so',
  'chan_unistim.so',
  'pbx_ael.so',
  'pbx_dundi.so',
  'pbx_lua.so',
  'res_ari.so',
  'res_calendar.so',
  'res_config_ldap.so',
  'res_config_odbc.so',
  'res_config_pgsql.so',
  'res_fax.so',
  'res_hep.so',
  'res_phoneprov.so',
  'res_pjsip_phoneprov_provider.so',
  'res_pjsip_transport_websocket.so',
  'res_prometheus.so',
  'res_snmp.so',
  'res_stir_shaken.so',
  'res_xmpp.so',
];

function identityLines({ phoneIdentities }: PbxConfig, index: number): string {
  const usual: PhoneIdentity = { variables: [`TENANT=tenant${index + 1}`] };
  const { variables, accountCode, context = 'from-internal' } = phoneIdentities?.[index] ?? usual;
  const lines = variables.map((each) => `set_var=${each}`);
  return [`context=${context}`, ...lines, ...(accountCode === undefined ? [] : [`accountcode=${accountCode}`])].join(
    '\n',
  );
}

function pjsip(config: PbxConfig): string {
  const timerT1Ms = config.timerT1Ms ?? 100;
  const trunks = config.trunks.map(
    ({ endpoint, address, inboundAuth, portNumber = 5060, qualify, sourceAddress, codecs = 'ulaw' }) => `
${sourceAddress === undefined ? '' : `[from-${endpoint}]\ntype=transport\nprotocol=udp\nbind=${sourceAddress}:5060`}
${inboundAuth === undefined ? '' : `[${endpoint}]\ntype=auth\nauth_type=userpass\nusername=${inboundAuth.username}\npassword=${inboundAuth.password}`}
[${endpoint}]
type=endpoint
${inboundAuth === undefined ? '' : `auth=${endpoint}`}
context=from-provider
${sourceAddress === undefined ? '' : `transport=from-${endpoint}`}
disallow=all
allow=${codecs}
aors=${endpoint}
direct_media=no
allow_transfer=no
rtp_symmetric=yes
[${endpoint}]
type=aor
contact=sip:${address}:${portNumber}
qualify_frequency=${qualify?.frequencyS ?? 0}
qualify_timeout=${qualify?.timeoutS ?? 3}
[${endpoint}]
type=identify
endpoint=${endpoint}
match=${address}
`,
  );
  const phones = config.phoneAddresses.map(
    (address, index) => `
[phone${index + 1}]
type=endpoint
disallow=all
allow=ulaw
direct_media=no
${identityLines(config, index)}
[phone${index + 1}]
type=identify
endpoint=phone${index + 1}
match=${address}
`,
  );
  const peers = (config.peerAddresses ?? []).map(
    (address, index) => `
[peer${index + 1}]
type=endpoint
context=from-provider
disallow=all
allow=ulaw
[peer${index + 1}]
type=identify
endpoint=peer${index + 1}
match=${address}
`,
  );
  return `[system]
type=system
timer_t1=${timerT1Ms}
timer_b=${timerT1Ms * 64}
[udp]
type=transport
protocol=udp
bind=${config.address}:5060
[tcp]
type=transport
protocol=tcp
bind=${config.address}:5060
${trunks.join('')}${phones.join('')}${peers.join('')}`;
}

function dialplan(config: PbxConfig): string {
  const outbound = config.include === undefined ? 'Hangup(21)' : 'Goto(trunkward-outbound,${EXTEN},1)';
  const testNumbers = Object.entries(config.testNumbers ?? {}).map(
    ([number, what]) => `exten => ${number},1,${TEST_NUMBERS[what]}`,
  );
  return `[general]
static=yes
writeprotect=yes
${config.include === undefined ? '' : '#include trunkward-outbound.conf'}
[from-internal]
exten => _.,1,${outbound}
[from-provider]
exten => _.,1,${config.isAnsweringTrunks === true ? TEST_NUMBERS.tone : 'Hangup(21)'}
${testNumbers.join('\n')}
${config.ownDialplan ?? ''}
[lab-media]
exten => s,1,Answer()
 same => n,Echo()
`;
}

/**
 * All configuration files of one lab PBX, by file name. Pure. Folders are those of the private `/srv` the instance runs in.
 *
 * @see Asterisk 22: asterisk.conf, modules.conf, pjsip.conf, manager.conf, extensions.conf
 */
export function asteriskFiles(config: PbxConfig): Readonly<Record<string, string>> {
  return {
    'asterisk.conf': `[directories]
astetcdir => /srv/etc
astmoddir => /usr/lib/MODULES
astvarlibdir => /srv/var
astdbdir => /srv/db
astkeydir => /srv/var
astdatadir => /usr/share/asterisk
astagidir => /srv/var
astspooldir => /srv/spool
astrundir => /srv/run
astlogdir => /srv/log
astsbindir => /usr/sbin
[options]
verbose = 3
nocolor = yes
systemname = lab
hideconnect = yes
`,
    'modules.conf': `[modules]\nautoload=yes\n${NOLOAD.map((name) => `noload=${name}`).join('\n')}\n`,
    'logger.conf': '[logfiles]\nfull => notice,warning,error,verbose\nsecurity => security\n',
    'pjsip.conf': pjsip(config),
    'rtp.conf': `[general]\nrtpstart=20000\nrtpend=20999\nstrictrtp=no\nrtcpinterval=${config.rtcpIntervalMs ?? 5000}\n`,
    'manager.conf': `[general]
enabled=yes
bindaddr=127.0.0.1
port=5038
webenabled=no
[${config.ami.user}]
secret=${config.ami.secret}
deny=0.0.0.0/0.0.0.0
permit=127.0.0.1/255.255.255.255
read=system,call,reporting
write=system
writetimeout=5000
`,
    'cdr_manager.conf': '[general]\nenabled=yes\n',
    'extensions.conf': dialplan(config),
    ...(config.include === undefined ? {} : { 'trunkward-outbound.conf': config.include }),
  };
}
