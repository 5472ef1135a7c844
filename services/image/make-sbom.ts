import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** One thing in the image; `purl` names it as other tools do. */
type Component = {
  readonly type: 'library' | 'application';
  readonly name: string;
  readonly version: string;
  readonly purl: string;
  readonly hashes?: readonly { readonly alg: string; readonly content: string }[];
};

/** The folders of npm packages in an image, and the file in which each has its list. */
const installed = ['/app/node_modules', '/opt/npm-tools/node_modules'].map((folder) =>
  join(folder, '.package-lock.json'),
);

/**
 * Writes `sbom.cdx.json` (CycloneDX 1.5: Debian's packages, npm's packages, vendors' archives with their checksums) and
 * `packages.txt` (the same as sorted lines) into a folder. No time and no serial number: equal images, equal files.
 * What pip, gem and `go install` bring is not covered.
 */
function makeSbom(folder: string): void {
  const components = [...debian(), ...installed.flatMap(npm), ...vendors('/opt/vendor')].sort((a, b) =>
    a.purl < b.purl ? -1 : 1,
  );
  mkdirSync(folder, { recursive: true });
  const document = { bomFormat: 'CycloneDX', specVersion: '1.5', version: 1, components };
  writeFileSync(join(folder, 'sbom.cdx.json'), `${JSON.stringify(document, null, 1)}\n`);
  writeFileSync(join(folder, 'packages.txt'), components.map(({ purl }) => `${purl}\n`).join(''));
}

function debian(): Component[] {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg-query fills it in
  const format = '${Package}\t${Version}\t${Architecture}\n';
  const rows = execFileSync('dpkg-query', ['--show', `--showformat=${format}`], {
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  });
  return rows
    .split('\n')
    .filter(Boolean)
    .map((row) => {
      const [name = '', version = '', architecture = ''] = row.split('\t');
      const purl = `pkg:deb/debian/${name}@${encodeURIComponent(version)}?arch=${architecture}`;
      return { type: 'library', name, version, purl };
    });
}

/** The packages of one folder, out of the list that npm leaves there. */
export function npm(list: string): Component[] {
  if (!existsSync(list)) return [];
  const { packages } = JSON.parse(readFileSync(list, 'utf8')) as { packages: Record<string, { version?: string }> };
  return Object.entries(packages).flatMap(([path, { version = '' }]): Component[] => {
    const name = path.split('node_modules/').at(-1) ?? '';
    if (name === '' || version === '') return [];
    return [{ type: 'library', name, version, purl: `pkg:npm/${name.replace('@', '%40')}@${version}` }];
  });
}

/** What `fetch-checked.sh` has noted. */
export function vendors(folder: string): Component[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder).map((file): Component => {
    const [name = '', version = '', url = '', sum = ''] = readFileSync(join(folder, file), 'utf8').trim().split('\t');
    return {
      type: 'application',
      name,
      version,
      purl: `pkg:generic/${name}@${encodeURIComponent(version)}?download_url=${encodeURIComponent(url)}`,
      hashes: [{ alg: sum.length === 64 ? 'SHA-256' : 'SHA-512', content: sum }],
    };
  });
}

if (import.meta.main) makeSbom(process.argv[2] ?? '.');
