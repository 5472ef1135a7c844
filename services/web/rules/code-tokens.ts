type Token = { readonly text: string; readonly kind: '' | 'k' | 's' | 'c' | 'n' };

const keywords = new Set(
  'abstract and as assert async await begin bool boolean break case catch char class const continue def default defer del do double elif else end enum except export extends extern final finally float fn for foreach from func function go goto if impl implements import in include instanceof int interface internal is lambda let long loop match mod module mut namespace new nil None not null of operator or override package pass private protected pub public raise readonly rescue return select self short signed sizeof static string struct super switch template then this throw throws trait true True false False try type typedef typename undef union unless unsafe unsigned use using var virtual void volatile when where while with yield'.split(
    ' ',
  ),
);

const hashComments =
  /\.(?:py|rb|sh|bash|ya?ml|toml|pl|r|tf|cmake|dockerfile|mk|ini|cfg|conf)$|(?:^|\/)(?:Dockerfile|Makefile|CMakeLists\.txt)$/i;
const dashComments = /\.(?:sql|lua|hs|elm)$/i;

const slash =
  /(\/\/.*|\/\*.*?(?:\*\/|$))|("(?:\\.|[^"\\])*"?|'(?:\\.|[^'\\])*'?|`(?:\\.|[^`\\])*`?)|\b(\d[\w.]*)\b|([A-Za-z_]\w*)/g;
const hash = /(#.*)|("(?:\\.|[^"\\])*"?|'(?:\\.|[^'\\])*'?|`(?:\\.|[^`\\])*`?)|\b(\d[\w.]*)\b|([A-Za-z_]\w*)/g;
const dash = /(--.*)|("(?:\\.|[^"\\])*"?|'(?:\\.|[^'\\])*'?)|\b(\d[\w.]*)\b|([A-Za-z_]\w*)/g;

/** Lines that are longer are not read: they are no code that a person wrote. */
const longest = 2_000;

/** One line of source as runs of one kind: keyword, string, comment, number, or none. No language is read exactly. */
export function tokensOf(line: string, path: string): Token[] {
  if (line.length > longest) return [{ text: line, kind: '' }];
  const pattern = hashComments.test(path) ? hash : dashComments.test(path) ? dash : slash;
  const tokens: Token[] = [];
  let from = 0;
  const push = (text: string, kind: Token['kind']) => {
    const last = tokens.at(-1);
    if (text === '') return;
    if (last && last.kind === kind) tokens[tokens.length - 1] = { text: last.text + text, kind };
    else tokens.push({ text, kind });
  };
  for (const match of line.matchAll(pattern)) {
    const [whole, comment, text, number, word] = match;
    push(line.slice(from, match.index), '');
    const isKeyword = word !== undefined && keywords.has(word);
    push(whole, comment ? 'c' : text ? 's' : number ? 'n' : isKeyword ? 'k' : '');
    from = match.index + whole.length;
  }
  push(line.slice(from), '');
  return tokens;
}
