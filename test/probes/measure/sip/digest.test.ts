import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { digestAuthorization, digestResponse } from '../../../../probes/measure/sip/digest.ts';
import {
  chooseChallenge,
  type DigestAlgorithm,
  type DigestChallenge,
  parseDigestChallenge,
} from '../../../../probes/measure/sip/digest-challenge.ts';

const MUFASA = { username: 'Mufasa', password: 'Circle of Life' };
const RFC_7616 = {
  realm: 'http-auth@example.org',
  nonce: '7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v',
  opaque: 'FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS',
  qop: 'auth',
  isStale: false,
} as const;
const RFC_7616_REQUEST = {
  method: 'GET',
  uri: '/dir/index.html',
  cnonce: 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ',
  nonceCount: 1,
};

function challenge(change: Partial<DigestChallenge> = {}): DigestChallenge {
  return { ...RFC_7616, algorithm: 'MD5', ...change };
}

describe('the response', () => {
  test.each<[DigestAlgorithm, string]>([
    ['MD5', '8ca523f5e9506fed4657c9700eebdbec'],
    ['SHA-256', '753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1'],
  ])('is that of RFC 7616 §3.9.1 for %s', (algorithm, expected) => {
    expect(digestResponse(MUFASA, challenge({ algorithm }), RFC_7616_REQUEST)).toBe(expected);
  });

  test('is that of RFC 7616 §3.9.2 for SHA-512-256 with a name in UTF-8, as erratum 4897 corrects it', () => {
    const asked = challenge({
      algorithm: 'SHA-512-256',
      realm: 'api@example.org',
      nonce: '5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK',
    });
    const request = {
      method: 'GET',
      uri: '/doe.json',
      cnonce: 'NTg6RKcb9boFIAS3KrFK9BGeh+iDa/sm6jUMp2wds69v',
      nonceCount: 1,
    };
    expect(digestResponse({ username: 'Jäsøn Doe', password: 'Secret, or not?' }, asked, request)).toBe(
      '3798d4131c277846293534c3edc11bd8a5e4cdcbff78b05db9d95eeb1cec68a5',
    );
  });

  test('is that of RFC 2617 §3.5', () => {
    const asked = challenge({ realm: 'testrealm@host.com', nonce: 'dcd98b7102dd2f0e8b11d0f600bfb0c093' });
    const request = { method: 'GET', uri: '/dir/index.html', cnonce: '0a4f113b', nonceCount: 1 };
    expect(digestResponse({ username: 'Mufasa', password: 'Circle Of Life' }, asked, request)).toBe(
      '6629fae49393a05397450978507c4ef1',
    );
  });

  test('without qop is the old form of RFC 2069, as its erratum corrects it', () => {
    const asked = challenge({ realm: 'testrealm@host.com', nonce: 'dcd98b7102dd2f0e8b11d0f600bfb0c093', qop: 'none' });
    const request = { method: 'GET', uri: '/dir/index.html', cnonce: 'unused', nonceCount: 1 };
    expect(digestResponse({ username: 'Mufasa', password: 'CircleOfLife' }, asked, request)).toBe(
      '1949323746fe6a43ef61f9606e7febea',
    );
  });
});

describe('the header', () => {
  test('carries every part with the quoting that RFC 3261 §25.1 wants', () => {
    const value = digestAuthorization(MUFASA, challenge(), RFC_7616_REQUEST);
    expect(value).toBe(
      'Digest username="Mufasa", realm="http-auth@example.org", ' +
        'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", uri="/dir/index.html", ' +
        'response="8ca523f5e9506fed4657c9700eebdbec", algorithm=MD5, ' +
        'cnonce="f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ", qop=auth, nc=00000001, ' +
        'opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"',
    );
  });

  test('cannot be given a line of its own by a user name', () => {
    const user = { username: 'a\r\nVia: b', password: 'p' };
    expect(() => digestAuthorization(user, challenge(), RFC_7616_REQUEST)).toThrow(RangeError);
  });

  test('writes the nonce count in eight hexadecimal digits', () => {
    const value = digestAuthorization(MUFASA, challenge(), { ...RFC_7616_REQUEST, nonceCount: 255 });
    expect(value).toContain('nc=000000ff');
  });
});

describe('a challenge', () => {
  test('is read from the example of RFC 3261 §20.44', () => {
    const value =
      'Digest realm="atlanta.com", domain="sip:boxesbybob.com", qop="auth", ' +
      'nonce="f84f1cec41e6cbe5aea9c8e88d359", opaque="", stale=FALSE, algorithm=MD5';
    expect(parseDigestChallenge(value)).toEqual({
      realm: 'atlanta.com',
      nonce: 'f84f1cec41e6cbe5aea9c8e88d359',
      opaque: '',
      algorithm: 'MD5',
      qop: 'auth',
      isStale: false,
    });
  });

  test('without algorithm and qop is MD5 in the old form; stale is read', () => {
    expect(parseDigestChallenge('Digest realm="r", nonce="n", stale=true')).toMatchObject({
      algorithm: 'MD5',
      qop: 'none',
      isStale: true,
    });
  });

  test.each([
    'Basic realm="r"',
    'Digest realm="r"',
    'Digest nonce="n"',
    'Digest realm="r", nonce="n", qop="auth-int"',
    'Digest realm="r", nonce="n", algorithm=SHA-1',
    'Digest realm="r", realm="s", nonce="n"',
    'Digest realm="r, nonce="n"',
  ])('that cannot be answered is none: %s', (value) => {
    expect(parseDigestChallenge(value)).toBeUndefined();
  });

  test('is the topmost that can be answered, of the wanted realm', () => {
    const values = [
      'Digest realm="a", nonce="1", algorithm=SHA-1',
      'Digest realm="a", nonce="2", algorithm=SHA-256, qop="auth"',
      'Digest realm="b", nonce="3"',
    ];
    expect(chooseChallenge(values)?.nonce).toBe('2');
    expect(chooseChallenge(values, 'b')?.nonce).toBe('3');
    expect(chooseChallenge(values, 'c')).toBeUndefined();
  });

  test('never makes the parser throw', () => {
    fc.assert(
      fc.property(fc.string(), (tail) => {
        parseDigestChallenge(`Digest realm="r", ${tail}`);
        parseDigestChallenge(tail);
      }),
    );
  });
});
