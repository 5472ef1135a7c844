import { createHash } from 'node:crypto';
import { pageAt } from './rules/page-table.ts';
import { graphOf, type WebSources } from './web-sources.ts';

export type ShellDocument = { readonly html: string; readonly policy: string };

/** The entry of every page. */
const entry = 'shell/main.ts';

/** The document of the page at an address: no data, only what loads the page. `base` is where a proxy keeps the service. */
export function shellDocument(sources: WebSources, pathname: string, base: string): ShellDocument {
  const at = (path: string) => `${base}/web/${sources.hash}/${path}`;
  const map = JSON.stringify({
    imports: Object.fromEntries(Object.entries(sources.imports).map(([name, path]) => [name, at(path)])),
  });
  const page = pageAt(pathname)?.page;
  const modules = new Set([...graphOf(sources, entry), ...(page ? graphOf(sources, `pages/${page.module}`) : [])]);
  const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="crafting-base" content="${base}">
<meta name="crafting-hash" content="${sources.hash}">
<title>${page ? `${page.title} · ` : ''}crafting-table</title>
<link rel="icon" href="${base}/web/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="${at('style.css')}">
<script src="${at('shell/theme.ts')}"></script>
<script type="importmap">${map}</script>
${[...modules].map((path) => `<link rel="modulepreload" href="${at(path)}">`).join('\n')}
<script type="module" src="${at(entry)}"></script>
</head>
<body><div id="app"><p class="boot">Loading …</p></div>
<noscript><p class="boot">These pages need JavaScript. Everything that they show is in the API: <a href="${base}/docs">${base}/docs</a></p></noscript>
</body>
</html>
`;
  return { html, policy: policyWith(map) };
}

/** Only our own files, the one import map, and no text that becomes code. */
function policyWith(map: string): string {
  const hash = createHash('sha256').update(map).digest('base64');
  return [
    "default-src 'none'",
    `script-src 'self' 'sha256-${hash}'`,
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "worker-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    'trusted-types crafting-worker',
  ].join('; ');
}
