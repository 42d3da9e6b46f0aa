import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { SipFault } from '../../../../probes/measure/sip/fault.ts';
import { fieldValue, parseMessage, type SipMessage, type SipRequest } from '../../../../probes/measure/sip/message.ts';

const CORPUS = new URL('../../../vectors/sip-torture/', import.meta.url);

function parseFile(path: string) {
  return parseMessage(readFileSync(new URL(path, CORPUS)));
}

type ParsedRow = {
  readonly file: string;
  readonly section: string;
  /** What RFC 4475 says of it, in short. */
  readonly rfc: string;
  /** What must hold of the parsed message. */
  readonly holds: (message: SipMessage) => void;
};

type RefusedRow = {
  readonly file: string;
  readonly section: string;
  readonly rfc: string;
  readonly fault: SipFault;
  /** Where the reported offset points: the first place with this text, the end where it is empty. */
  readonly at: string;
};

function request(message: SipMessage): SipRequest {
  if (message.kind !== 'request') throw new Error('a request was expected');
  return message;
}

function userOf(message: SipRequest): string | undefined {
  return message.uri.kind === 'sip' ? message.uri.user : undefined;
}

const UNDERSTOOD: readonly ParsedRow[] = [
  {
    file: 'valid/wsinv.dat',
    section: '3.1.1.1',
    rfc: 'folding, blanks around separators, case, compact forms, leading zeros, empty Subject: all legal',
    holds: (message) => {
      const { vias, from, to, cseq, maxForwards, contacts, body } = request(message);
      expect(vias.map(({ transport, host }) => `${transport} ${host}`)).toEqual([
        'UDP 192.0.2.2',
        'TCP spindle.example.com',
        'UDP 192.168.255.111',
      ]);
      expect(vias.map(({ parameters }) => parameters.get('branch'))).toEqual([
        '390skdjuw',
        'z9hG4bK9ikj8',
        'z9hG4bK30239',
      ]);
      expect(from.displayName).toBe('"J Rosenberg \\\\\\""');
      expect(from.parameters.get('tag')).toBe('98asjd8');
      expect(to.parameters.get('tag')).toBe('1918181833n');
      expect(cseq).toEqual({ sequenceNumber: 9, method: 'INVITE' });
      expect(maxForwards).toBe(68);
      expect(contacts[0]?.displayName).toBe('"Quoted string \\"\\""');
      expect([...(contacts[0]?.parameters ?? [])]).toEqual([
        ['newparam', 'newvalue'],
        ['secondparam', undefined],
        ['q', '0.33'],
      ]);
      expect(fieldValue(message, 'subject')).toBe('');
      expect(fieldValue(message, 'newfangledheader')).toBe('newfangled value   continued newfangled value');
      expect(fieldValue(message, 'unknownheaderwithunusualvalue')).toBe(';;,,;;,;');
      expect(body.length).toBe(150);
    },
  },
  {
    file: 'valid/intmeth.dat',
    section: '3.1.1.2',
    rfc: 'the widest range of characters in method, URI, display name, Call-ID and header name is legal',
    holds: (message) => {
      const { method, uri, callId, maxForwards, to, from } = request(message);
      expect(method).toBe("!interesting-Method0123456789_*+`.%indeed'~");
      expect(uri).toMatchObject({
        kind: 'sip',
        user: "1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*",
        password: "&it+has=1,weird!*pas$wo~d_too.(doesn't-it)",
        host: 'example.com',
      });
      expect(callId).toBe('intmeth.word%ZK-!.*_+\'@word`~)(><:\\/"][?}{');
      expect(maxForwards).toBe(255);
      expect(to.displayName).toBe('"BEL:\\\u0007 NUL:\\\u0000 DEL:\\\u007f"');
      expect(from.displayName).toBe("token1~` token2'+_ token3*%!.-");
      expect(from.parameters.get('tag')).toBe("_token~1'+`*%!-.");
      expect(Buffer.from(from.parameters.get("fromparam''~+*_!.-%") ?? '', 'latin1').toString()).toBe('"работающий"');
      expect(fieldValue(message, "extensionheader-!.%*+_`'~")).toBeDefined();
    },
  },
  {
    file: 'valid/esc01.dat',
    section: '3.1.1.3',
    rfc: 'escapes do not turn the user part into another URI',
    holds: (message) => {
      const { uri, contacts } = request(message);
      expect(uri).toMatchObject({ scheme: 'sip', user: 'sips%3Auser%40example.com', host: 'example.net' });
      const contact = contacts[0]?.uri;
      expect(contact?.kind === 'sip' && [...contact.parameters]).toEqual([
        ['%6c%72', undefined],
        ['n%61me', 'v%61lue%25%34%31'],
      ]);
    },
  },
  {
    file: 'valid/escnull.dat',
    section: '3.1.1.4',
    rfc: 'an escaped NUL does not end the user part',
    holds: (message) => {
      const { to, contacts } = request(message);
      expect(to.uri).toMatchObject({ user: 'null-%00-null', host: 'example.com' });
      expect(contacts.map(({ uri }) => uri.kind === 'sip' && uri.user)).toEqual(['%00', '%00%00']);
    },
  },
  {
    file: 'valid/esc02.dat',
    section: '3.1.1.5',
    rfc: '% in a method or a header name is no escape: neither REGISTER nor Contact is meant',
    holds: (message) => {
      const { method, contacts, vias } = request(message);
      expect(method).toBe('RE%47IST%45R');
      expect(contacts).toHaveLength(2);
      expect(fieldValue(message, 'c%6fntact')).toBe('<sip:alias2@host2.example.com>');
      expect(vias[0]?.parameters.get('branch')).toBe('z9hG4bK209%fzsnel234');
    },
  },
  {
    file: 'valid/lwsdisp.dat',
    section: '3.1.1.6',
    rfc: 'no blank is needed between display name and <',
    holds: ({ from }) => expect(from).toMatchObject({ displayName: 'caller', uri: { user: 'caller' } }),
  },
  {
    file: 'valid/longreq.dat',
    section: '3.1.1.7',
    rfc: 'long values and 34 Vias, most without a branch',
    holds: (message) => {
      expect(message.vias).toHaveLength(34);
      expect(message.vias[0]?.host).toBe('sip33.example.com');
      expect(message.vias[33]?.parameters.get('branch')).toMatch(/^very/);
      expect(message.to.uri).toMatchObject({ port: 6000 });
      expect(message.body.length).toBe(150);
    },
  },
  {
    file: 'valid/dblreq.dat',
    section: '3.1.1.8',
    rfc: 'over UDP bytes behind Content-Length are ignored: the second request is not there',
    holds: (message) => {
      expect(request(message).method).toBe('REGISTER');
      expect(message.body.length).toBe(0);
    },
  },
  {
    file: 'valid/semiuri.dat',
    section: '3.1.1.9',
    rfc: 'the semicolon belongs to the user part',
    holds: (message) => expect(userOf(request(message))).toBe('user;par=u%40example.net'),
  },
  {
    file: 'valid/transports.dat',
    section: '3.1.1.10',
    rfc: 'any transport may stand in a Via',
    holds: ({ vias }) =>
      expect(vias.map(({ transport }) => transport)).toEqual(['UDP', 'SCTP', 'TLS', 'UNKNOWN', 'TCP']),
  },
  {
    file: 'valid/mpart01.dat',
    section: '3.1.1.11',
    rfc: 'a multipart body with binary parts, zero bytes included',
    holds: ({ body }) => {
      expect(body.length).toBe(553);
      expect(Buffer.from(body).toString('latin1').trimEnd()).toMatch(/^--7a9cbec02ceef655[\s\S]*--7a9cbec02ceef655--$/);
    },
  },
  {
    file: 'valid/unreason.dat',
    section: '3.1.1.12',
    rfc: 'a reason phrase of UTF-8',
    holds: (message) =>
      expect(message).toMatchObject({
        statusCode: 200,
        reasonPhrase: '= 2**3 * 5**2 но сто девяносто девять - простое',
      }),
  },
  {
    file: 'valid/noreason.dat',
    section: '3.1.1.13',
    rfc: 'an empty reason phrase',
    holds: (message) => expect(message).toMatchObject({ statusCode: 100, reasonPhrase: '' }),
  },
  {
    file: 'invalid/baddate.dat',
    section: '3.1.2.12',
    rfc: 'a Date not in GMT may be refused or ignored: ignored, nothing here reads Date',
    holds: (message) => expect(fieldValue(message, 'date')).toBe('Fri, 01 Jan 2010 16:00:00 EST'),
  },
  {
    file: 'invalid/badbranch.dat',
    section: '3.2.1',
    rfc: 'a branch that is only the magic cookie must not break the parser',
    holds: ({ vias }) => expect(vias[0]?.parameters.get('branch')).toBe('z9hG4bK'),
  },
  {
    file: 'invalid/unkscm.dat',
    section: '3.3.2',
    rfc: 'well-formed; 416 for the unknown scheme',
    holds: (message) => expect(request(message).uri).toMatchObject({ kind: 'other', scheme: 'nobodyknowsthisscheme' }),
  },
  {
    file: 'invalid/novelsc.dat',
    section: '3.3.3',
    rfc: 'well-formed; 416 or 404 for the atypical scheme',
    holds: (message) => expect(request(message).uri).toMatchObject({ kind: 'other', scheme: 'soap.beep' }),
  },
  {
    file: 'invalid/unksm2.dat',
    section: '3.3.4',
    rfc: 'unknown schemes in To, From and Contact are well-formed',
    holds: (message) => {
      const { to, from, contacts } = request(message);
      expect([to.uri.scheme, from.uri.scheme, contacts[0]?.uri.scheme]).toEqual(['isbn', 'http', 'name']);
    },
  },
  {
    file: 'invalid/bext01.dat',
    section: '3.3.5',
    rfc: 'well-formed; 420 for what Require demands',
    holds: (message) => expect(fieldValue(message, 'require')).toBe('nothingSupportsThis, nothingSupportsThisEither'),
  },
  {
    file: 'invalid/invut.dat',
    section: '3.3.6',
    rfc: 'well-formed; 415 for the unknown body',
    holds: (message) => {
      expect(fieldValue(message, 'content-type')).toBe('application/unknownformat');
      expect(message.body.length).toBe(40);
    },
  },
  {
    file: 'invalid/regaut01.dat',
    section: '3.3.7',
    rfc: 'well-formed; the unknown Authorization scheme is ignored or answered',
    holds: (message) => expect(fieldValue(message, 'authorization')).toBe('NoOneKnowsThisScheme opaque-data=here'),
  },
  {
    file: 'invalid/bcast.dat',
    section: '3.3.10',
    rfc: 'well-formed; a client discards a response with a second Via (options-transaction does)',
    holds: ({ vias }) => expect(vias[1]?.host).toBe('255.255.255.255'),
  },
  {
    file: 'invalid/zeromf.dat',
    section: '3.3.11',
    rfc: 'Max-Forwards 0 is legal; the server answers it itself',
    holds: (message) => expect(request(message).maxForwards).toBe(0),
  },
  {
    file: 'invalid/cparam01.dat',
    section: '3.3.12',
    rfc: 'without brackets the parameter belongs to Contact, not to the URI',
    holds: (message) => {
      const [contact] = request(message).contacts;
      expect(contact?.parameters.has('unknownparam')).toBe(true);
      expect(contact?.uri.kind === 'sip' && contact.uri.parameters.size).toBe(0);
    },
  },
  {
    file: 'invalid/cparam02.dat',
    section: '3.3.13',
    rfc: 'inside brackets the parameter belongs to the URI',
    holds: (message) => {
      const [contact] = request(message).contacts;
      expect(contact?.parameters.size).toBe(0);
      expect(contact?.uri.kind === 'sip' && contact.uri.parameters.has('unknownparam')).toBe(true);
    },
  },
  {
    file: 'invalid/regescrt.dat',
    section: '3.3.14',
    rfc: 'a Contact URI may carry escaped headers inside brackets',
    holds: (message) =>
      expect(request(message).contacts[0]?.uri).toMatchObject({ headers: 'Route=%3Csip:sip.example.com%3E' }),
  },
  {
    file: 'invalid/sdp01.dat',
    section: '3.3.15',
    rfc: 'well-formed; 406 or 488, since no answer could be written in the accepted type',
    holds: (message) => expect(fieldValue(message, 'accept')).toBe('text/nobodyKnowsThis'),
  },
  {
    file: 'invalid/inv2543.dat',
    section: '3.4.1',
    rfc: 'RFC 2543: no branch, no From tag, no Max-Forwards, no Content-Length; to be accepted',
    holds: (message) => {
      const { vias, from, maxForwards, body } = request(message);
      expect(vias[0]?.parameters.size).toBe(0);
      expect(from.parameters.has('tag')).toBe(false);
      expect(maxForwards).toBeUndefined();
      expect(Buffer.from(body).toString()).toMatch(/^v=0\r\n[\s\S]*m=audio 49217 RTP\/AVP 0\r\n$/);
    },
  },
];

const REFUSED: readonly RefusedRow[] = [
  {
    file: 'invalid/badinv01.dat',
    section: '3.1.2.1',
    rfc: '400: empty parameters and values in Via',
    fault: 'bad-via',
    at: 'SIP/2.0/UDP 192.0.2.15;;,;,,',
  },
  { file: 'invalid/clerr.dat', section: '3.1.2.2', rfc: '400: the body is cut short', fault: 'body-truncated', at: '' },
  {
    file: 'invalid/ncl.dat',
    section: '3.1.2.3',
    rfc: '400: negative Content-Length',
    fault: 'bad-content-length',
    at: '-999',
  },
  {
    file: 'invalid/scalar02.dat',
    section: '3.1.2.4',
    rfc: '400: CSeq beyond 32 bits',
    fault: 'bad-cseq',
    at: '36893488147419103232 REGISTER',
  },
  {
    file: 'invalid/scalarlg.dat',
    section: '3.1.2.5',
    rfc: 'the response is discarded: CSeq beyond 32 bits',
    fault: 'bad-cseq',
    at: '9292394834772304023312 OPTIONS',
  },
  {
    file: 'invalid/quotbal.dat',
    section: '3.1.2.6',
    rfc: '400: the quoted string never ends',
    fault: 'bad-to',
    at: '"Mr. J. User',
  },
  {
    file: 'invalid/ltgtruri.dat',
    section: '3.1.2.7',
    rfc: '400 is reasonable: Request-URI in angle brackets',
    fault: 'bad-request-uri',
    at: '<sip:',
  },
  {
    file: 'invalid/lwsruri.dat',
    section: '3.1.2.8',
    rfc: '400: a blank inside the Request-URI',
    fault: 'bad-start-line',
    at: 'lr SIP/2.0',
  },
  {
    file: 'invalid/lwsstart.dat',
    section: '3.1.2.9',
    rfc: 'may be refused: two spaces in the request line',
    fault: 'bad-start-line',
    at: 'sip:user@example.com  SIP/2.0',
  },
  {
    file: 'invalid/trws.dat',
    section: '3.1.2.10',
    rfc: 'may be refused: spaces behind the version',
    fault: 'bad-start-line',
    at: 'SIP/2.0  ',
  },
  {
    file: 'invalid/escruri.dat',
    section: '3.1.2.11',
    rfc: 'may be refused: headers in the Request-URI',
    fault: 'bad-request-uri',
    at: 'sip:user@example.com?Route',
  },
  {
    file: 'invalid/regbadct.dat',
    section: '3.1.2.13',
    rfc: '400: a Contact with ? outside brackets',
    fault: 'bad-contact',
    at: 'sip:user@example.com?Route',
  },
  {
    file: 'invalid/badaspec.dat',
    section: '3.1.2.14',
    rfc: 'may be refused: blanks inside the brackets',
    fault: 'bad-to',
    at: '"Watson, Thomas" < sip:',
  },
  {
    file: 'invalid/baddn.dat',
    section: '3.1.2.15',
    rfc: 'may be refused: an unquoted comma in the display name; the file itself also lacks the blank line',
    fault: 'unterminated-headers',
    at: '',
  },
  {
    file: 'invalid/badvers.dat',
    section: '3.1.2.16',
    rfc: '505: SIP/7.0',
    fault: 'unsupported-version',
    at: 'SIP/7.0',
  },
  {
    file: 'invalid/mismatch01.dat',
    section: '3.1.2.17',
    rfc: '400: CSeq names another method',
    fault: 'method-mismatch',
    at: '8 INVITE',
  },
  {
    file: 'invalid/mismatch02.dat',
    section: '3.1.2.18',
    rfc: '501 or 400: unknown method, CSeq names another',
    fault: 'method-mismatch',
    at: '8 INVITE',
  },
  {
    file: 'invalid/bigcode.dat',
    section: '3.1.2.19',
    rfc: 'the response is dropped: status beyond 699',
    fault: 'bad-status-code',
    at: '4294967301',
  },
  {
    file: 'invalid/insuf.dat',
    section: '3.3.1',
    rfc: '400: From, To, Call-ID missing',
    fault: 'missing-header',
    at: 'v=0',
  },
  {
    file: 'invalid/multi01.dat',
    section: '3.3.8',
    rfc: '400: several values where one may be',
    fault: 'repeated-header',
    at: '59 INVITE',
  },
  {
    file: 'invalid/mcl01.dat',
    section: '3.3.9',
    rfc: '400: two Content-Lengths',
    fault: 'repeated-header',
    at: '5\r\n',
  },
  {
    file: 'invalid/test.dat',
    section: 'none (in the archive only)',
    rfc: 'a request line without version',
    fault: 'bad-start-line',
    at: '\r\nTO :',
  },
];

describe('RFC 4475', () => {
  test('every file of the corpus has one row', () => {
    const files = ['valid', 'invalid'].flatMap((folder) =>
      readdirSync(new URL(`${folder}/`, CORPUS)).map((name) => `${folder}/${name}`),
    );
    const rows = [...UNDERSTOOD, ...REFUSED].map(({ file }) => file);
    expect(rows.toSorted()).toEqual(files.toSorted());
    expect(files).toHaveLength(50);
  });

  test.each(UNDERSTOOD)('$file is understood (§$section: $rfc)', ({ file, holds }) => {
    const parsed = parseFile(file);
    expect(parsed).toMatchObject({ ok: true });
    if (parsed.ok) holds(parsed.value);
  });

  test.each(REFUSED)('$file is refused as $fault (§$section: $rfc)', ({ file, fault, at }) => {
    const parsed = parseFile(file);
    expect(parsed).toMatchObject({ ok: false, fault });
    const text = readFileSync(new URL(file, CORPUS)).toString('latin1');
    const expectedOffset = at === '' ? text.length : text.indexOf(at);
    expect(parsed.ok ? -1 : parsed.offset).toBe(expectedOffset);
  });

  test('baddn.dat with its blank line is refused for the display name (§3.1.2.15)', () => {
    const bytes = Buffer.concat([readFileSync(new URL('invalid/baddn.dat', CORPUS)), Buffer.from('\r\n')]);
    expect(parseMessage(bytes)).toMatchObject({ ok: false, fault: 'bad-from' });
  });
});
