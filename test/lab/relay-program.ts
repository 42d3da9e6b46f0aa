import { connect, createServer, type Socket } from 'node:net';

/**
 * A TCP relay run inside a host's namespace: `node relay-program.ts LISTEN HOST:PORT`, LISTEN being a port of 127.0.0.1 or the
 * path of a Unix socket, which other namespaces can reach. SIGUSR2 arms a cut: of the next data that comes back from the
 * target, half is passed on and every connection is destroyed; new connections are taken at once. SIGHUP closes it: every
 * connection is destroyed and new ones are too, until the next SIGHUP. Prints `listening`, `cut after N of M bytes`, `closed`
 * and `open`.
 */
const [listen = '', target = ''] = process.argv.slice(2);
const [host = '', port = ''] = target.split(':');
const open = new Set<Socket>();
let isArmed = false;
let isClosed = false;

function join(near: Socket): void {
  if (isClosed) {
    near.destroy();
    return;
  }
  const far = connect({ host, port: Number(port) });
  for (const [one, other] of [
    [near, far],
    [far, near],
  ] as const) {
    open.add(one);
    one.on('error', () => one.destroy());
    one.on('close', () => {
      open.delete(one);
      other.destroy();
    });
  }
  near.on('data', (data) => far.write(data));
  far.on('data', (data) => {
    if (!isArmed || data.length < 2) {
      near.write(data);
      return;
    }
    isArmed = false;
    const half = Math.floor(data.length / 2);
    near.write(data.subarray(0, half), () => {
      process.stdout.write(`cut after ${half} of ${data.length} bytes\n`);
      for (const socket of open) socket.destroy();
    });
  });
}

process.on('SIGUSR2', () => {
  isArmed = true;
});
process.on('SIGHUP', () => {
  isClosed = !isClosed;
  if (isClosed) for (const socket of open) socket.destroy();
  process.stdout.write(isClosed ? 'closed\n' : 'open\n');
});
createServer(join).listen(/^\d+$/.test(listen) ? { host: '127.0.0.1', port: Number(listen) } : { path: listen }, () => {
  process.stdout.write('listening\n');
});
