import { ControlStore } from './control/control-store.ts';
import { DutiesStore } from './duties-store.ts';
import { TestCallStore } from './test-call-store.ts';
import { OutboxStore } from './uplink/outbox-store.ts';

/**
 * Opens what a probe keeps over a restart, all in one folder. A file that is damaged costs what it held, is said, and stops
 * nothing.
 *
 * @throws OutboxError, or an `Error` of the system, where the folder cannot be used.
 */
export async function openProbeMemory(
  dataDir: string,
  nowEpochMs: number,
  onFault: (place: string, cause: unknown) => void,
) {
  const outbox = OutboxStore.open(dataDir, nowEpochMs);
  const control = new ControlStore(dataDir);
  const { fault: controlFault, memory } = await control.load();
  if (controlFault !== undefined) onFault('control memory', new Error(controlFault));
  const duties = new DutiesStore(dataDir);
  const { fault: dutiesFault, frame } = await duties.load();
  if (dutiesFault !== undefined) onFault('assignment', new Error(dutiesFault));
  const testCalls = await TestCallStore.open(dataDir);
  if (testCalls.fault !== undefined) onFault('test call journal', new Error(testCalls.fault));
  return { outbox, control: { store: control, memory }, duties: { store: duties, frame }, testCalls };
}
