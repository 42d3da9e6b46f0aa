import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readHubConfig } from '../../../server/config.ts';
import {
  headerLine,
  type RecordedLine,
  readHeader,
  readRecordedLine,
  recordedLine,
} from '../../../server/replay/recording-line.ts';
import { batchFrame, helloFrame } from '../../support/probe-frames.ts';
import { hubConfig } from '../hub-fixture.ts';

describe('a line of a recording', () => {
  it.each<RecordedLine>([
    { receivedAtEpochMs: 1_800_000_000_000, pbx: 'fra-1', frame: helloFrame() },
    { receivedAtEpochMs: 1_800_000_000_000.5, pbx: 'fra-1', frame: batchFrame() },
    { receivedAtEpochMs: 0, pbx: 'fra-1', gone: 'closed with 1006' },
  ])('is read as it was written: %j', (line) => {
    expect(readRecordedLine(recordedLine(line))).toEqual({ ok: true, line });
  });

  it.each([
    ['{"receivedAtEpochMs":1,"pbx":"a"}', 'expected frame or gone'],
    ['{"receivedAtEpochMs":"1","pbx":"a","gone":"x"}', 'receivedAtEpochMs: expected milliseconds since 1970'],
    ['{"receivedAtEpochMs":1,"gone":"x"}', 'pbx: expected a name'],
    ['[1]', 'expected a JSON object'],
    ['{"receivedAtEpochMs":1,"pbx":"a","frame":{"v":9,"type":"hello"}}', 'frame/v: wire version 9 is not among 1'],
    ['{"receivedAtEpochMs":1,"pbx":"a","frame":[]}', 'frame: a frame is a JSON object'],
  ])('says what is wrong with %s', (text, message) => {
    expect(readRecordedLine(text)).toEqual({ ok: false, message });
  });

  it('never throws, whatever stands there', () => {
    fc.assert(fc.property(fc.string(), (text) => void [readRecordedLine(text), readHeader(text)]));
    fc.assert(fc.property(fc.json(), (text) => void [readRecordedLine(text), readHeader(text)]));
  });
});

describe('the first line of a recording', () => {
  it('is a configuration that a hub takes, without tokens and without places of this machine', () => {
    const config = hubConfig('/srv/secret-place', {
      listen: { host: '10.1.2.3', port: 0, tls: { certFile: '/srv/secret-cert', keyFile: '/srv/secret-key' } },
    });
    const line = headerLine(config);
    expect(line).not.toMatch(/secret-|SET_BY_THE_TEST|10\.1\.2\.3/);
    const header = readHeader(line);
    const read = readHubConfig(header.ok ? header.config : undefined);
    expect(read.ok && read.config.classes).toEqual(config.classes);
  });

  it.each(['{}', '{"receivedAtEpochMs":1,"pbx":"a","gone":"x"}'])('must hold one: %s', (text) => {
    expect(readHeader(text)).toMatchObject({ ok: false });
  });
});
