import { provedByExit, startsProgram } from './command-words.ts';

/** What compiles whatever it does not find compiled: in a clean tree it compiles all, or fails. */
const builders = [
  ...['make', 'gmake', 'ninja', 'samu', 'scons', 'bear', 'cmake --build', 'meson compile', 'meson test'],
  ...['mvn', 'mvnw', 'gradle', 'gradlew', 'ant'],
];
/** What runs the commands of a file and fails with the first one that does. */
const runners = ['make', 'gmake', 'just', 'task', 'npm', 'pnpm', 'yarn', 'bun', 'tox', 'nox', 'composer', 'rake'];

const passedOver = /^g?make(?:\[\d{1,4}\])?: \*{0,3} ?\[.{1,1000}\] Error \d{1,3} \(ignored\)$/;
const failed = /^g?make(?:\[\d{1,4}\])?: \*{3} \[.{1,1000}\] Error (\d{1,3})$/;
const nothingDone =
  /^(?:g?make(?:\[\d{1,4}\])?: (?:Nothing to be done for .{1,300}|.{1,300} is up to date)\.|ninja: no work to do\.)$/;
/** Its compiler said nothing this time, whatever it would say. */
const notCompiled =
  /^(?:> Task \S{0,200}:compile\w{0,60} (?:UP-TO-DATE|FROM-CACHE)|\[INFO\] Nothing to compile - all classes are up to date.{0,20})$/;
const compiles =
  /^(?:\[[ \d%/]{2,20}\] (?:Building C|Compiling C|C[CX]{1,2} |\S{0,200}(?:cc|\+\+|clang) )|(?:\s{0,8}(?:CC|CXX) {1,8}\S{1,300}\.\w{1,4}$)|(?:libtool: compile: )?(?:\S{0,200}\/)?(?:[\w.-]{0,40}-)?(?:gcc|g\+\+|cc|c\+\+|clang|clang\+\+)(?:-\d{1,2})? .{0,4000}\.(?:c|cc|cpp|cxx|C|m|mm|s|S)(?: |$))/;

const mostEchoed = 200;

/** Watches what a build tool and what runs scripts say of the commands that they start. */
export function buildProof(command: string) {
  const echoed: string[] = [];
  /** With what commands ended, as make tells; a make that was started by another one ends with 2. */
  const codes = new Set<number>();
  let isPassedOver = false;
  let wasNothingDone = false;
  let wasNotCompiled = false;
  let wasCompiled = false;
  const runsMake = startsProgram(command, ['make', 'gmake']);
  const tellsPlain = startsProgram(command, ['make', 'gmake', 'just']);
  return {
    /** A line of the log; `script`: the command that it tells of, where a runner of scripts wrote it. */
    hear(line: string, script: string | undefined): void {
      const told = script ?? (tellsPlain && /^\w[\w./-]{0,200} [-.\w"'$]/.test(line) ? line : undefined);
      if (told !== undefined && echoed.length < mostEchoed) echoed.push(told.slice(0, 2000));
      const first = line.charCodeAt(0);
      if (first === 0x67 || first === 0x6d || first === 0x6e) {
        isPassedOver ||= passedOver.test(line);
        const code = failed.exec(line)?.[1];
        if (code !== undefined && !(codes.size > 0 && code === '2')) codes.add(Number(code));
        wasNothingDone ||= nothingDone.test(line);
      }
      if (first === 0x3e || first === 0x5b) wasNotCompiled ||= notCompiled.test(line);
      wasCompiled ||= line.length < 8192 && compiles.test(line);
    },
    /** Whether a runner of scripts told that it started one of the programs, and its exit code 0 is theirs. */
    echoProves(programs: readonly string[]): boolean {
      const own = echoed.filter((line) => startsProgram(line, programs));
      return (
        own.length > 0 &&
        !isPassedOver &&
        provedByExit(command, runners) &&
        own.every((line) => provedByExit(line, programs))
      );
    },
    /** The exit code of what failed: make tells of it, and ends with 2. */
    behind(exitCode: number | null): number | null {
      const [only = exitCode] = codes;
      return runsMake && exitCode === 2 && codes.size === 1 ? only : exitCode;
    },
    /** Whether the exit code 0 of the command says that a compiler saw all of the tree. */
    builtAll(): boolean {
      if (isPassedOver || wasNotCompiled || (wasNothingDone && !wasCompiled)) return false;
      return provedByExit(command, builders);
    },
  };
}

export type BuildProof = ReturnType<typeof buildProof>;
