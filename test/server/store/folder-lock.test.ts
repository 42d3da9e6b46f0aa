import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { lockFolder, makeFolder } from '../../../server/store/folder-lock-store.ts';
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

  it('is made with those above it, for its owner alone, and once only', async () => {
    const folder = join(temporaryFolder(), 'a', 'b');
    await makeFolder(folder);
    await makeFolder(folder);
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
  });

  it('is refused in words where it cannot be, also where the system denies a folder that is there', async () => {
    const file = join(temporaryFolder(), 'file');
    await writeFile(file, '');
    for (const folder of [join(file, 'x'), '/proc/x', '/proc/x/y']) {
      await expect(makeFolder(folder)).rejects.toMatchObject({
        code: 'STORE_OPEN_FAILED',
        message: expect.stringContaining(`cannot make the folder ${folder}: `),
      });
    }
  });
});
