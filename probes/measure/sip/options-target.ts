import { parseIpAddress } from './host.ts';
import { buildOptionsRequest, type OptionsRequestFault } from './options-request.ts';

/** Whom to ask. The address is an IP literal without brackets or zone; names are resolved by whoever configures. */
export type OptionsTarget = {
  readonly address: string;
  /** 1 to 65535. */
  readonly port: number;
  readonly requestUri: string;
  readonly fromUser?: string;
};

/** Says what keeps a target from being probed, so that a configuration can be refused; `undefined` when nothing does. */
export function findTargetFault(
  target: OptionsTarget,
): OptionsRequestFault['fault'] | 'bad-address' | 'bad-port' | undefined {
  if (!parseIpAddress(target.address)) return 'bad-address';
  if (!Number.isInteger(target.port) || target.port < 1 || target.port > 65_535) return 'bad-port';
  const built = buildOptionsRequest({
    requestUri: target.requestUri,
    localAddress: '192.0.2.1',
    localPort: 5060,
    branch: 'z9hG4bK0',
    callId: '0',
    fromTag: '0',
    sequenceNumber: 0,
    userAgent: 'trunkward',
    ...(target.fromUser === undefined ? {} : { fromUser: target.fromUser }),
  });
  return built.ok ? undefined : built.fault;
}
