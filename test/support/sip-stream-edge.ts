import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import { promisify } from 'node:util';
import { parseMessage, type SipRequest } from '../../probes/measure/sip/message.ts';
import { decodeStream, NO_REST } from '../../probes/measure/sip/message-stream.ts';
import { buildResponse } from '../../probes/measure/sip/response.ts';

/** A certificate that signs itself, in PEM. */
export type PemPair = { readonly cert: string; readonly key: string };

/** Makes a certificate for `edge.test` with openssl; `notAfter` as `YYYYMMDDHHMMSSZ`, in the past for an expired one. */
export async function makeEdgeCertificate(notAfter: string): Promise<PemPair> {
  const folder = await mkdtemp(join(tmpdir(), 'trunkward-edge-'));
  const certFile = join(folder, 'cert.pem');
  const keyFile = join(folder, 'key.pem');
  const run = promisify(execFile);
  try {
    const config = join(folder, 'ca.cnf');
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', keyFile];
    const request = join(folder, 'request.pem');
    await run('openssl', ['req', '-new', ...key, '-subj', '/CN=edge.test', '-out', request]);
    await writeFile(join(folder, 'index.txt'), '');
    await writeFile(join(folder, 'serial'), '01\n');
    await writeFile(
      config,
      '[ca]\ndefault_ca=d\n[d]\ndatabase=index.txt\nserial=serial\nnew_certs_dir=.\ndefault_md=sha256\npolicy=p\n' +
        'x509_extensions=e\n[p]\ncommonName=supplied\n[e]\nsubjectAltName=DNS:edge.test\nbasicConstraints=CA:TRUE\n',
    );
    const dates = ['-startdate', '20200101000000Z', '-enddate', notAfter];
    const files = ['-config', config, '-keyfile', keyFile, '-in', request, '-out', certFile];
    await run('openssl', ['ca', '-batch', '-selfsign', '-notext', ...dates, ...files], { cwd: folder });
    return { cert: await readFile(certFile, 'utf8'), key: await readFile(keyFile, 'utf8') };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** An edge over TCP, or over TLS where it has a certificate; counts its connections. */
export type StreamEdge = {
  readonly port: number;
  readonly requests: readonly SipRequest[];
  readonly sockets: readonly Socket[];
  readonly serverNames: readonly string[];
  readonly close: () => Promise<void>;
};

/** Starts an edge on a free port of 127.0.0.1; `answer` says the bytes for each request, or undefined for silence. */
export async function startStreamEdge(
  answer: (request: SipRequest, socket: Socket) => Uint8Array | undefined = okTo,
  certificate?: PemPair,
): Promise<StreamEdge> {
  const requests: SipRequest[] = [];
  const sockets: Socket[] = [];
  const serverNames: string[] = [];
  const onSocket = (socket: Socket) => {
    let rest = NO_REST;
    sockets.push(socket);
    socket.on('error', () => undefined);
    socket.on('data', (chunk: Uint8Array) => {
      const decoded = decodeStream(rest, chunk);
      if (!decoded.ok) throw new Error(decoded.fault);
      rest = decoded.rest;
      for (const bytes of decoded.messages) {
        const parsed = parseMessage(bytes);
        if (!parsed.ok || parsed.value.kind !== 'request') throw new Error('not a request');
        requests.push(parsed.value);
        const reply = answer(parsed.value, socket);
        if (reply) socket.write(reply);
      }
    });
  };
  const server = certificate
    ? createTlsServer(certificate, (socket) => {
        serverNames.push(socket.servername === false ? '' : (socket.servername ?? ''));
        onSocket(socket);
      })
    : createServer(onSocket);
  server.on('tlsClientError', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const close = async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  };
  return { port, requests, sockets, serverNames, close };
}

/** A 200 to a request. */
export function okTo(request: SipRequest): Uint8Array {
  return buildResponse(request, { address: '127.0.0.1', port: 1 }, { statusCode: 200, reasonPhrase: 'OK', toTag: 't' });
}
