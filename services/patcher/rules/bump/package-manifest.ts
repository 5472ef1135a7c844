const kinds = ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies'] as const;

/** The name of an npm package, which is safe as a word of a shell command. */
export function npmName(text: string): string | null {
  return text.length <= 214 && /^(?:@[a-z0-9~][\w.~-]*\/)?[A-Za-z0-9][\w.-]*$/.test(text) ? text : null;
}

export function parsedJson(text: string | undefined): unknown {
  try {
    return JSON.parse((text ?? '').replace(/^\uFEFF/, ''));
  } catch {
    return null;
  }
}

export function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}

/** What a manifest, or an entry of a lock file, asks for of a package. */
export function rangeOf(fields: Readonly<Record<string, unknown>>, name: string): string | null {
  for (const kind of kinds) {
    const asked = objectOf(fields[kind]);
    const range = Object.hasOwn(asked, name) ? asked[name] : undefined;
    if (typeof range === 'string') return range;
  }
  return null;
}

/** The option of `npm install` that leaves a package in the list where it is; none for the usual one. */
export function dependencyKind(fields: Readonly<Record<string, unknown>>, name: string): string {
  const kind = kinds.find((one) => Object.hasOwn(objectOf(fields[one]), name));
  if (kind === 'devDependencies') return '--save-dev';
  if (kind === 'optionalDependencies') return '--save-optional';
  return kind === 'peerDependencies' ? '--save-peer' : '';
}

/** The manifest with another version of what it asks for in one place, exactly or with `^` or `~`; else null. */
export function withRange(manifest: string, name: string, to: string): string | null {
  const range = rangeOf(objectOf(parsedJson(manifest)), name);
  const sign = /^([~^]?)\d+\.\d+\.\d+$/.exec(range ?? '')?.[1];
  if (range === null || sign === undefined) return null;
  const places = [`"${name}": "${range}"`, `"${name}":"${range}"`].filter((one) => manifest.includes(one));
  const [place] = places;
  if (place === undefined || places.length > 1 || manifest.split(place).length !== 2) return null;
  return manifest.replace(place, () => place.replace(`"${range}"`, () => `"${sign}${to}"`));
}
