import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { lockFolder } from '../../../server/store/folder-lock-store.ts';
import { hubConfig, hubFor, temporaryFolder } from '../hub-fixture.ts';

const LOCK = fileURLToPath(new URL('../../../server/store/folder-lock-store.ts', import.meta.url));

/** A process that holds the folder and says so. */
async function holder(folder: string) {
  const program = `import { lockFolder } from ${JSON.stringify(LOCK)};
    lockFolder(${JSON.stringify(folder)}); console.log('held'); setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  return child;
}

describe('the folder of a hub', () => {
  it('is refused while another process has it, and is free once that was killed outright', async () => {
    const folder = temporaryFolder();
    const child = await holder(folder);
    expect(() => lockFolder(folder)).toThrow(
      expect.objectContaining({
        code: 'STORE_FOLDER_TAKEN',
        retryable: false,
        message: expect.stringContaining(folder),
      }),
    );
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(existsSync(join(folder, 'hub.lock'))).toBe(true);
    lockFolder(folder).release();
  });

  it('that cannot be written is said to be so', () => {
    expect(() => lockFolder(join(temporaryFolder(), 'missing'))).toThrow(
      expect.objectContaining({ code: 'STORE_OPEN_FAILED' }),
    );
  });

  it('takes one hub at a time: a second does not start, the first goes on, and after its end another may', async () => {
    const config = hubConfig(temporaryFolder());
    const first = await hubFor(config);
    await expect(hubFor(config)).rejects.toMatchObject({ code: 'STORE_FOLDER_TAKEN' });
    expect((await fetch(`${first.url}/healthz`)).status).toBe(200);
    await first.close();
    await (await hubFor(config)).close();
  });
});
