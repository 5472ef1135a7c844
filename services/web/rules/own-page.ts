/** Where only the path is of interest, any host will do. */
const anywhere = 'http://farm.invalid';

/** The page below /ui that an address names once its dots are resolved, without /ui; null for any other address. */
export function ownPage(address: string): string | null {
  const url = URL.canParse(address, anywhere) ? new URL(address, anywhere) : null;
  if (url?.origin !== anywhere || !/^\/ui(?:\/(?!\/)|$)/.test(url.pathname)) return null;
  return `${url.pathname.slice(3) || '/'}${url.search}${url.hash}`;
}
