import type { HubFrame } from '../../wire/hub-frames.ts';
import type { ControlRunner } from './control-runner.ts';

/** Hands a frame of the hub to control, where it is for control. */
export function takeHubOrder(control: ControlRunner, frame: HubFrame): void {
  switch (frame.type) {
    case 'welcome':
      control.takeModes(frame.modes, frame.fence);
      control.tellReadBack();
      return;
    case 'modes':
      control.takeModes(frame.modes, frame.fence);
      return;
    case 'plan':
      control.takePlan(frame);
      return;
    case 'command':
      control.takeCommand(frame);
      return;
    case 'refuse':
    case 'ack':
    case 'leases':
    case 'bans':
    case 'assignment':
      return;
    default:
      frame satisfies never;
  }
}
