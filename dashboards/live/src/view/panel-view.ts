import type { DeepLink } from '../deep-link.ts';
import { formatCount } from '../format.ts';
import { stateLook } from '../path-look.ts';
import { placeInWords } from '../sentence.ts';
import { byId, h, setText } from './dom.ts';
import { patch } from './patch.ts';
import { pathPanel } from './path-panel.ts';
import { pathTable, pbxPanel } from './pbx-panel.ts';
import { WHOLE_FLEET } from './pieces.ts';
import { routePanel } from './route-panel.ts';
import type { Scene } from './scene.ts';
import { trunkPanel } from './trunk-panel.ts';
import { verdictPanel } from './verdict-panel.ts';

type Contents = { readonly kind: string; readonly title: string; readonly nodes: readonly Node[] };

/**
 * Draws the panel beside the overview for what the address names. A name the hub does not know (any more) is said to be
 * unknown, so that an old link never opens an empty panel.
 */
export function drawPanel(link: DeepLink, scene: Scene): void {
  const panel = byId('panel', HTMLElement);
  const contents = contentsOf(link, scene);
  panel.hidden = contents === undefined;
  document.body.classList.toggle('has-panel', contents !== undefined);
  if (contents === undefined) {
    patch(byId('panel-body', HTMLElement), []);
    return;
  }
  setText(byId('panel-kind', HTMLElement), contents.kind);
  setText(byId('panel-title', HTMLElement), contents.title);
  patch(byId('panel-body', HTMLElement), contents.nodes);
}

function contentsOf(link: DeepLink, scene: Scene): Contents | undefined {
  const { state } = scene;
  switch (link.kind) {
    case 'none':
      return undefined;
    case 'verdict': {
      const verdict = state.verdicts.get(link.id);
      if (verdict === undefined) return missing('Verdict', link.id, scene);
      return { kind: 'Verdict', title: placeInWords(verdict), nodes: verdictPanel(verdict, scene) };
    }
    case 'path': {
      const path = state.paths.get(link.key);
      if (path === undefined) return missing('Path', link.key, scene);
      return { kind: 'Path', title: `${path.pbx} → ${path.target}`, nodes: pathPanel(path, scene) };
    }
    case 'pbx': {
      const pbx = state.pbxes.get(link.name);
      return pbx === undefined
        ? missing('PBX', link.name, scene)
        : { kind: 'PBX', title: pbx.pbx, nodes: pbxPanel(pbx, scene) };
    }
    case 'trunk': {
      const [pbx = '', trunk = ''] = link.key.split('>');
      const paths = [...state.paths.values()].filter((path) => path.trunk === trunk);
      const isKnown = paths.some((path) => pbx === WHOLE_FLEET || path.pbx === pbx);
      if (!isKnown) return missing('Trunk', link.key, scene);
      const title = pbx === WHOLE_FLEET ? trunk : `${pbx} → ${trunk}`;
      return { kind: 'Trunk', title, nodes: trunkPanel(pbx, trunk, paths) };
    }
    case 'route': {
      const route = state.routes.get(link.key);
      if (route === undefined) return missing('Route', link.key.replace('/', ', '), scene);
      return { kind: 'Route', title: `${route.class} on ${route.pbx}`, nodes: routePanel(route, scene) };
    }
    case 'state': {
      const look = stateLook(link.state);
      const paths = [...state.paths.values()].filter((path) => path.state === link.state);
      const nodes = [h('p', { class: 'say' }, `${look.glyph} ${look.word}: ${look.meaning}.`), pathTable(paths)];
      return { kind: 'Paths', title: `${look.word} (${formatCount(paths.length)})`, nodes };
    }
    default:
      return link satisfies never;
  }
}

function missing(kind: string, title: string, { state }: Scene): Contents {
  const text = state.hub === undefined ? 'Waiting for the hub.' : 'The hub does not know it, or knows it no longer.';
  return { kind, title, nodes: [h('p', { class: 'empty' }, text)] };
}
