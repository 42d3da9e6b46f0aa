import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ControlStore, NO_MEMORY } from '../../../probes/control/control-store.ts';
import { ENFORCE, OBSERVE, plan, temporaryFolder } from './control-fixture.ts';

const MEMORY = { fence: 4, modes: ENFORCE, plan: plan('4.2', { national: 'b>a' }), answered: ['a.a1 192.0.2.1 5060'] };

describe('the memory of control', () => {
  it('is empty, without fault, where there never was one', async () => {
    expect(await new ControlStore(temporaryFolder()).load()).toEqual({ memory: NO_MEMORY, fault: undefined });
  });

  it('is read back by the next life as it was saved', async () => {
    const folder = temporaryFolder();
    await new ControlStore(folder).save(MEMORY);
    expect(await new ControlStore(folder).load()).toEqual({ memory: MEMORY, fault: undefined });
    await new ControlStore(folder).save({ ...NO_MEMORY, fence: 5 });
    expect((await new ControlStore(folder).load()).memory).toEqual({ ...NO_MEMORY, fence: 5 });
  });

  it('written before targets that answered were remembered is still understood', async () => {
    const folder = temporaryFolder();
    await writeFile(join(folder, 'control.json'), JSON.stringify({ format: 'trunkward-control-1', fence: 4 }));
    expect(await new ControlStore(folder).load()).toEqual({ memory: { ...NO_MEMORY, fence: 4 }, fault: undefined });
  });

  it('is readable by its owner only', async () => {
    const folder = temporaryFolder();
    await new ControlStore(folder).save(MEMORY);
    expect((await stat(join(folder, 'control.json'))).mode & 0o777).toBe(0o600);
  });

  it('keeps the last of many saves that were asked for at once', async () => {
    const folder = temporaryFolder();
    const store = new ControlStore(folder);
    await Promise.all(Array.from({ length: 30 }, (_each, fence) => store.save({ ...MEMORY, fence })));
    expect((await new ControlStore(folder).load()).memory.fence).toBe(29);
    expect(await readdir(folder)).toEqual(['control.json']);
  });

  it.each(['', '{"format":"trunkward-con', JSON.stringify({ format: 'trunkward-control-1', fence: 99 })])(
    'survives a crash between writing and renaming that left %j behind',
    async (rest) => {
      const folder = temporaryFolder();
      await new ControlStore(folder).save(MEMORY);
      await writeFile(join(folder, 'control.json.next'), rest);
      expect((await new ControlStore(folder).load()).memory).toEqual(MEMORY);
      await new ControlStore(folder).save({ ...MEMORY, fence: 6 });
      expect((await new ControlStore(folder).load()).memory.fence).toBe(6);
      expect(await readdir(folder)).toEqual(['control.json']);
    },
  );

  const good = JSON.stringify({ format: 'trunkward-control-1', ...MEMORY });
  it.each([
    ['nothing', ''],
    ['half of it', good.slice(0, good.length / 2)],
    ['zeros', '\0'.repeat(200)],
    ['null', 'null'],
    ['a list', '[]'],
    ['a number', '7'],
    ['another format', good.replace('control-1', 'control-2')],
    ['a fence in words', good.replace('"fence":4', '"fence":"four"')],
    ['a fence below zero', good.replace('"fence":4', '"fence":-4')],
    ['a plan that is none', JSON.stringify({ format: 'trunkward-control-1', fence: 4, plan: { routes: 'all' } })],
    ['modes that are none', JSON.stringify({ format: 'trunkward-control-1', fence: 4, modes: 'enforce' })],
  ])('holding %s is said to be faulty, and binds like observe', async (_name, text) => {
    const folder = temporaryFolder();
    await writeFile(join(folder, 'control.json'), text);
    const { memory, fault } = await new ControlStore(folder).load();
    expect(memory).toEqual(NO_MEMORY);
    expect(fault).toContain('control.json');
  });

  it('that cannot be read says why', async () => {
    const folder = temporaryFolder();
    await mkdir(join(folder, 'control.json'));
    expect(await new ControlStore(folder).load()).toEqual({
      memory: NO_MEMORY,
      fault: expect.stringMatching(/EISDIR/),
    });
  });

  it('a save that fails rejects, leaves the file as it was, and the next one succeeds', async () => {
    const folder = temporaryFolder();
    const store = new ControlStore(folder);
    await store.save(MEMORY);
    const before = await readFile(join(folder, 'control.json'), 'utf8');
    await mkdir(join(folder, 'control.json.next'));
    await expect(store.save({ ...MEMORY, modes: OBSERVE })).rejects.toThrow('EISDIR');
    expect(await readFile(join(folder, 'control.json'), 'utf8')).toBe(before);
    await rm(join(folder, 'control.json.next'), { recursive: true });
    await store.save({ ...MEMORY, modes: OBSERVE });
    expect((await new ControlStore(folder).load()).memory.modes).toEqual(OBSERVE);
  });
});
