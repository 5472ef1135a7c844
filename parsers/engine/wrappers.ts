import { withoutStamp } from './clean-line.ts';
import type { Folder } from './repository-path.ts';

/** What a line was before something wrote its own name, number or clock before it. */
type Unwrapped = {
  /** Whose line it is: lines of different sources are read apart. Empty for one without a wrapper. */
  readonly source: string;
  readonly text: string;
  /** The folder that the wrapper named. */
  readonly folder?: Folder;
  /** A command that the wrapper says it starts. */
  readonly starts?: string;
};

type Wrappers = {
  /** Null where nothing stood before the line. */
  unwrap(line: string): Unwrapped | null;
  /** A prefix was seen that the files of the tree could tell from words of a tool. */
  readonly unsettled: boolean;
  /** All that was learned, if lines with such a prefix were passed over before; else null. */
  readonly late: readonly string[] | null;
};

type WrapperFacts = {
  /** Whether a printed path is a file of the tree; null where the tree is not known. */
  isFile(path: string): boolean | null;
  /** Whether the command starts one of these programs. */
  runs(programs: readonly string[]): boolean;
  /** Prefixes that an earlier reading of the same log found to be a wrapper's. */
  readonly learned: readonly string[];
};

type Shape = (line: string) => Unwrapped | null;

const mostNested = 4;
const mostLearned = 64;

/** Words that tools write before a place or a message: no names of packages or services. */
const ownWord =
  /^(?:vet|error|err!?|warn|warning|note|notice|info|hint|help|fatal|fail|failed|failure|fixed|debug|trace|pass|passed|ok|skip|skipped|todo|usage|suggestion|severe|critical|style|performance|portability|information|refactor|convention|in|at|from|file|line|caused by|traceback|exception|panic|internal|npm|yarn|pnpm|make|ninja|gmake|cmake|sh|bash|dash|zsh|ld|cc1|cc1plus|collect2|main|run|test|tests|total|results?|\d+|[a-z])$/i;
const startsWithPlace = /^(?:\.\/)?((?:[\w@.+-]{1,100}[\\/]){0,20}[\w@.+-]{1,100}\.[A-Za-z]\w{0,7})(?::|\()\d/;
const script = '[a-z][a-z0-9_:.-]{0,60}';

/**
 * Takes off what runners, builders and containers write before the lines of the tools in them. Shapes that nothing else
 * has are always taken off; a mere `name: ` or `[name] ` is one where the command starts such a runner, or once what
 * follows it begins with a place: a file of the tree, where that is known.
 */
export function wrappers({ isFile, runs, learned: given }: WrapperFacts): Wrappers {
  const learned = new Set(given);
  /** Prefixes of lines that were left as they were. */
  const passed = new Map<string, number>();
  let lines = 0;
  let inBuildEnd = false;
  let sawBuild = false;
  let unsettled = false;

  const learn = (prefix: string) => {
    if (learned.size < mostLearned) learned.add(prefix);
  };

  /** `#12 4.2 text` of BuildKit; at its end it tells the last lines of what failed once more, with the clock alone. */
  const buildKit: Shape = (line) => {
    if (line.charCodeAt(0) === 35) {
      const found = /^#(\d{1,5}) (?:(\d{1,6}\.\d{1,3})(?: (.*))?|\[.{1,200}?\] RUN (.*))$/.exec(line);
      if (found === null) return null;
      sawBuild = true;
      inBuildEnd = false;
      const source = `#${found[1]}`;
      return found[2] === undefined ? { source, text: '', starts: found[4] ?? '' } : { source, text: found[3] ?? '' };
    }
    if (line.startsWith(' > [') && line.endsWith(':')) inBuildEnd = true;
    if (!inBuildEnd) return null;
    if (line.startsWith('------')) inBuildEnd = false;
    const found = /^\d{1,6}\.\d{1,3}(?: (.*))?$/.exec(line);
    return found === null ? null : { source: '#end', text: sawBuild ? '' : (found[1] ?? '') };
  };

  /** `web-1  | text` of docker compose, `12:00:01 web.1 | text` of foreman, and kin. */
  const bars: Shape = (line) => {
    if (!/[|\u2503]/.test(line.slice(0, 260))) return null;
    const attached = /^Attaching to (.{1,2000})$/.exec(line);
    if (attached !== null) for (const name of (attached[1] ?? '').split(', ')) learn(`${name.trim()} |`);
    const found =
      /^([A-Za-z0-9][\w.-]{0,80}[-_]\d{1,3}) +\| ?(.*)$/.exec(line) ??
      /^\d\d:\d\d:\d\d ([\w.-]{1,80}) +\| ?(.*)$/.exec(line) ??
      /^(\[[^\]/]{1,80}\/[^\]]{1,80}\]) {2,6}\| ?(.*)$/.exec(line) ??
      /^ *(\+[\w./+-]{1,80}) +\| ?(.*)$/.exec(line) ??
      /^(\d{1,5} +: )(?:\[[\d.]{1,12}m?s\] )?[|\u2503] ?(.*)$/.exec(line);
    return found === null ? null : { source: found[1] ?? '', text: found[2] ?? '' };
  };

  /** `web:lint: text` of turborepo, `packages/a lint: text` and `packages/a lint$ command` of pnpm, `@a/b: text` of lerna. */
  const packages: Shape = (line) => {
    const turbo = new RegExp(`^((?:@[\\w.-]{1,60}/)?[a-z0-9_.-]{1,80}(?=:)|//(?=#))[:#](${script}): ?(.*)$`).exec(line);
    if (turbo !== null) {
      const name = turbo[1] ?? '';
      if (!ownWord.test(name) && !hasExtension(name) && !/[.:]$/.test(turbo[2] ?? ''))
        return { source: `${name}:${turbo[2]}`, text: turbo[3] ?? '', folder: nameOf(name) };
    }
    const pnpm = new RegExp(`^(\\.|[\\w@.-]{1,80}(?:/[\\w@.-]{1,80}){0,8}) (${script})(: |\\$ |:$)(.*)$`).exec(line);
    if (pnpm !== null) {
      const [, folder = '', task = '', mark = '', text = ''] = pnpm;
      const key = `${folder} ${task}`;
      if (mark === '$ ' && !ownWord.test(folder)) {
        learn(key);
        return { source: key, text: '', folder: { path: folder }, starts: text };
      }
      const clear = (folder === '.' || folder.includes('/')) && !hasExtension(folder) && !ownWord.test(task);
      if (clear || learned.has(key)) return { source: key, text, folder: { path: folder } };
    }
    const scoped =
      /^(?:\u27a4 YN0000: )?(?:\[(@?[\w.-]{1,60}(?:\/[\w.-]{1,60})?)\]|(@[\w.-]{1,60}\/[\w.-]{1,60})): ?(.*)$/.exec(
        line,
      );
    if (scoped === null) return null;
    const name = scoped[1] ?? scoped[2] ?? '';
    return ownWord.test(name) ? null : { source: name, text: scoped[3] ?? '', folder: nameOf(name) };
  };

  /** `job<tab>step<tab>time text` of `gh run view --log`, `[task : step] text` of Tekton, `[pod/a/b] text` of kubectl. */
  const logs: Shape = (line) => {
    const gh = line.slice(0, 400).includes('\t')
      ? /^([^\t]{1,160}\t[^\t]{1,200})\t\ufeff?\d{4}-\d\d-\d\dT[\d:.]{8,20}Z ?(.*)$/.exec(line)
      : null;
    if (gh !== null) {
      const text = (gh[2] ?? '').replace(/^##\[\w{1,20}\]/, '');
      return { source: gh[1] ?? '', text };
    }
    const pod = line.startsWith('[')
      ? /^(\[(?:pod\/[^\]\s]{1,200}|[\w-]{1,80} : [\w-]{1,80})\]) (.*)$/.exec(line)
      : null;
    if (pod !== null) return { source: pod[1] ?? '', text: pod[2] ?? '' };
    const journal =
      /^[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d (?:[\w.-]{1,80} ([\w./@-]{1,80}(?:\[\d{1,8}\])?): )?(.*)$/.exec(line);
    return journal === null ? null : { source: journal[1] ?? 'time', text: journal[2] ?? '' };
  };

  /** `name: text`, `[name] text` or `name | text`, where it is known to be a wrapper's. */
  const loose: Shape = (line) => {
    const found =
      /^([\w@][\w./@-]{0,80})(:) (.*)$/.exec(line) ??
      /^\[([\w@][\w./@: -]{0,80})(\]) (.*)$/.exec(line) ??
      /^([\w@][\w./-]{0,80}) {1,60}(\|) ?(.*)$/.exec(line);
    if (found === null) return null;
    const [, name = '', mark = '', text = ''] = found;
    const key = `${name} ${mark}`;
    const unwrapped = { source: key, text, folder: nameOf(name) };
    // Concurrently numbers its commands.
    if (mark === ']' && /^\d{1,2}$/.test(name)) return unwrapped;
    if (ownWord.test(name.trim())) return null;
    if (learned.has(key)) return unwrapped;
    if (passed.size < mostLearned || passed.has(key)) passed.set(key, (passed.get(key) ?? 0) + 1);
    if (mark === ']' && runs(['concurrently', 'npm-run-all', 'run-p', 'run-s', 'task', 'wireit'])) return unwrapped;
    if (mark === '|' && runs(['docker', 'docker-compose', 'podman', 'podman-compose', 'foreman', 'honcho', 'overmind']))
      return unwrapped;
    if (mark === ':' && /^[@a-z0-9][^A-Z]*$/.test(name) && !hasExtension(name) && runs(['lerna', 'nx']))
      return unwrapped;
    const file = startsWithPlace.exec(text)?.[1];
    if (file === undefined || hasExtension(name)) return null;
    const isKnown = isFile(file);
    if (isKnown === null) unsettled = true;
    // Without the tree only names that no tool would write as a word of its own.
    if (isKnown === false || (isKnown === null && mark === ':' && !/[\d/@-]/.test(name))) return null;
    learn(key);
    return unwrapped;
  };

  const shapes = [buildKit, logs, bars, packages, loose];
  return {
    unwrap(line) {
      lines += 1;
      let whole: Unwrapped | null = null;
      let text = line;
      for (let depth = 0; depth < mostNested; depth += 1) {
        const found = mayBeWrapped(text) || inBuildEnd ? firstOf(shapes, text) : null;
        if (found === null) break;
        const source: string = whole === null ? found.source : `${whole.source}\u0000${found.source}`;
        // `docker compose logs -t` writes a time behind the name.
        text = withoutStamp(found.text);
        whole = { ...(whole ?? found), ...found, text, source };
      }
      return whole;
    },
    get unsettled() {
      return unsettled;
    },
    get late() {
      if (given.length > 0) return null;
      // Names in brackets before nearly every line are those of commands that ran side by side.
      // What the command starts names itself so, as gosec does.
      const named = [...passed].filter(([key, count]) => key.endsWith(' ]') && count > 2 && !runs([key.slice(0, -2)]));
      const all = named.reduce((sum, [, count]) => sum + count, 0);
      if (all > 4 && all >= lines * 0.8) return [...learned, ...named.map(([key]) => key)];
      return [...learned].some((key) => passed.has(key)) && given.length === 0 ? [...learned] : null;
    },
  };
}

/** Nearly all lines of documents and of code are none, and need not be looked at. */
function mayBeWrapped(line: string): boolean {
  const first = line.charCodeAt(0);
  // `{`, `<`, `"`, `}` and the like.
  if (first === 123 || first === 60 || first === 34 || first === 125) return false;
  // A list of objects, which may be very long.
  if (first === 91 && line.charCodeAt(1) === 123) return false;
  if (first === 32) return line.startsWith(' > [') || /^ {1,80}\+\w/.test(line.slice(0, 100));
  const head = line.length > 260 ? line.slice(0, 260) : line;
  return (
    first === 35 ||
    head.includes(': ') ||
    head.includes(' | ') ||
    head.includes(' |') ||
    head.includes('] ') ||
    head.includes(']: ') ||
    head.includes('$ ') ||
    head.includes('\t') ||
    head.includes('\u2503') ||
    head.endsWith(':') ||
    /^[A-Z][a-z]{2} [ \d]\d \d\d:/.test(head)
  );
}

function firstOf(shapes: readonly Shape[], line: string): Unwrapped | null {
  for (const shape of shapes) {
    const found = shape(line);
    if (found !== null) return found;
  }
  return null;
}

/** `@acme/web` is likely to lie in a folder `web`. */
function nameOf(name: string): Folder {
  return { path: name.slice(name.lastIndexOf('/') + 1), isName: true };
}

/** It looks like a file, not like a package. */
function hasExtension(name: string): boolean {
  return /\.(?:[cm]?[jt]sx?|py|rb|go|rs|java|kt|cs|cpp|cc|c|h|hpp|php|swift|sh|ya?ml|json|xml|toml|md|scala|o|a|so|vue|css|scss|html|tf|sql|lua|ex|exs|hs|pl|t)$/i.test(
    name,
  );
}
