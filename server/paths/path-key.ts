/** Key of what a PBX looks at: a path (`PBX>TARGET`), or its calls at a trunk (`PBX>TRUNK`). No name holds the sign between. */
export function pathKey(pbx: string, name: string): string {
  return `${pbx}>${name}`;
}

/** The PBX of a key; the whole text where it is none. */
export function pbxOfKey(key: string): string {
  return splitPathKey(key).pbx;
}

/** Both ends of a key; the second is empty where the text is none. */
export function splitPathKey(key: string): { readonly pbx: string; readonly name: string } {
  const [pbx = '', name = ''] = key.split('>');
  return { pbx, name };
}
