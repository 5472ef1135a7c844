import type { FunctionComponent } from 'preact';

/** What a page is given: the words of its address. */
type PageProps = { readonly params: Readonly<Record<string, string>> };

export type PageParts = {
  readonly module: string;
  readonly component: FunctionComponent<PageProps>;
  readonly failed: boolean;
};

const loaded = new Map<string, Promise<PageParts>>();
const nothing: FunctionComponent<PageProps> = () => null;

/** The page of a file under `pages/`, which exports one component named `Page`. It is sent when it is first opened. */
export function loadPage(module: string): Promise<PageParts> {
  const known = loaded.get(module);
  if (known) return known;
  const loading = import(`../pages/${module}`).then(
    ({ Page }: { Page: FunctionComponent<PageProps> }) => ({ module, component: Page, failed: false }),
    () => {
      loaded.delete(module);
      return { module, component: nothing, failed: true };
    },
  );
  loaded.set(module, loading);
  return loading;
}
