import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { causeOf, type FailedRun, pauseBefore } from '../../../../services/parser/rules/find-cause.ts';

const plain = { reason: 'exited', detail: null, exitCode: 1, lastLines: '', isExplained: false, retry: 0 } as const;
const said = (facts: Partial<FailedRun>) => {
  const { cause, kind } = causeOf({ ...plain, ...facts });
  return `${cause} ${kind}`;
};

describe('what made a run fail', () => {
  const unreachable: Readonly<Record<string, string>> = {
    npm: 'npm error code EAI_AGAIN\nnpm error syscall getaddrinfo\nnpm error request to https://packages.example.org/left-pad failed, reason: getaddrinfo EAI_AGAIN registry.example.org\nnpm error A complete log of this run can be found in: x.log',
    'npm audit':
      'npm warn audit request to https://packages.example.org failed, reason: connect ETIMEDOUT 10.0.0.1:443\naudit endpoint returned an error',
    pip: 'WARNING: Retrying (Retry(total=0)) after connection broken by \'NewConnectionError("Failed to establish a new connection: [Errno -3] Temporary failure in name resolution")\': /simple/x/\nERROR: Could not find a version that satisfies the requirement x\nERROR: No matching distribution found for x',
    cargo:
      "    Updating crates.example.org index\nwarning: spurious network error (3 tries remaining): [6] Couldn't resolve host name (Could not resolve host: index.example.org)\nerror: failed to get `serde` as a dependency of package",
    go: 'go: example.org/x@v1.0.0: Get "https://proxy.example.org/x/@v/v1.0.0.mod": dial tcp: lookup proxy.example.org: no such host',
    maven:
      '[ERROR] Could not transfer artifact org.x:y:pom:1 from/to central (https://repo.example.org): repo.example.org: Name or service not known',
    'maven, which names no reason,':
      '[ERROR]     Non-resolvable parent POM for a:b:2.19.0-SNAPSHOT: Could not transfer artifact a:base:pom:2.19.0-SNAPSHOT from/to snapshots (https://snapshots.example.org): transfer failed for https://snapshots.example.org/base.pom',
    gradle:
      "> Could not resolve org.x:y:1.\n   > Could not GET 'https://repo.example.org/y.pom'.\n      > java.net.UnknownHostException: repo.example.org",
    bundler:
      'Could not reach host rubygems.example.org. Check your network connection and try again. (Connection refused)',
    composer:
      'curl error 6 while downloading https://packages.example.org/packages.json: Could not resolve host: packages.example.org',
    nuget:
      'error NU1301: Unable to load the service index for source https://api.example.org/index.json. (Connection refused)',
    git: "fatal: unable to access 'https://git.example.org/x.git/': Could not resolve host: git.example.org",
    'npm audit, which is not answered,':
      'npm warn audit 405 Method Not Allowed - POST http://packages.example.org/-/npm/v1/security/advisories/bulk - no\nnpm error audit endpoint returned an error',
    'npm audit, which tells it as JSON,':
      '{\n  "message": "503 Service Unavailable - POST http://packages.example.org",\n  "statusCode": 503,\n  "error": {\n    "summary": "",\n    "detail": ""\n  }\n}',
    'pip-audit, which gets a fault of the server,':
      'requests.exceptions.HTTPError: 503 Server Error: Service Unavailable for url: https://advisories.example.org/v1/query',
    'a registry in trouble':
      'npm error 503 Service Unavailable - GET https://packages.example.org/left-pad\nnpm error code E503',
  };
  for (const [who, lastLines] of Object.entries(unreachable))
    it(`is the environment when ${who} does not reach its server`, () => {
      assert.equal(said({ lastLines }), 'environment registry');
    });

  it('is the environment when the disk is full, whatever was found beside it', () => {
    assert.equal(
      said({ lastLines: 'cc1: fatal error: error writing to /tmp/x.s: No space left on device' }),
      'environment disk',
    );
    assert.equal(said({ lastLines: 'ENOSPC: no space left on device, write', isExplained: true }), 'environment disk');
    assert.equal(said({ reason: 'workspace_failed', detail: 'git: No space left on device' }), 'environment disk');
  });

  it('is the environment when a program or the repository is not there', () => {
    assert.equal(said({ exitCode: 127, lastLines: 'sh: 1: eslint: not found' }), 'environment tool_missing');
    assert.equal(said({ reason: 'workspace_failed', detail: 'no answer', exitCode: null }), 'environment remote');
    const detail = 'https://git.example.org/x has no branch "gone" (a repository without commits has none).';
    assert.equal(said({ reason: 'workspace_failed', detail, exitCode: null }), 'environment no_branch');
  });

  const otherVersions: Readonly<Record<string, string>> = {
    rustup: "error: toolchain '1.88.0-x86_64-unknown-linux-gnu' is not installed",
    'a component of rustup':
      "error: 'cargo-clippy' is not installed for the toolchain '1.88.0-x86_64-unknown-linux-gnu'.",
    pyenv: "pyenv: version `3.13.9' is not installed (set by /tree/.python-version)",
    uv: 'error: No interpreter found for Python 3.13 in managed installations or search path',
    pip: "ERROR: Package 'a' requires a different Python: 3.11.7 not in '>=3.13'",
    go: 'go: go.mod requires go >= 1.27 (running go 1.26.8; GOTOOLCHAIN=local)',
    npm: 'npm error code EBADENGINE\nnpm error engine Unsupported engine',
    yarn: 'error This project\'s package.json defines "packageManager": "yarn@4.1.0". However the current global version of Yarn is 1.22.22.',
    bundler: 'Your Ruby version is 3.1.2, but your Gemfile specified 3.3.0',
    javac: 'error: release version 21 not supported',
    maven: '[ERROR] Fatal error compiling: error: release version 21 not supported',
  };
  for (const [who, lastLines] of Object.entries(otherVersions))
    it(`is the environment when ${who} lacks the version that the project asks for`, () => {
      assert.equal(said({ lastLines }), 'environment tool_missing');
      assert.equal(said({ lastLines, isExplained: true }), 'code findings');
    });

  it('is the environment when a wrapper cannot fetch what it starts', () => {
    const lastLines =
      'Downloading https://dist.example.org/distributions/gradle-8.14.2-bin.zip\n\nException in thread "main" java.net.UnknownHostException: dist.example.org';
    assert.equal(said({ lastLines }), 'environment registry');
  });

  it('is the tool when it does not end for the second time, and the environment at first', () => {
    assert.equal(said({ reason: 'timeout' }), 'environment timeout');
    assert.equal(said({ reason: 'timeout', retry: 1 }), 'tool timeout');
  });

  const own: Readonly<Record<string, string>> = {
    'a test that connects to nothing': 'Error: connect ECONNREFUSED 127.0.0.1:5432\n    at TCPConnectWrap.afterConnect',
    'a test of its own answers': 'AssertionError: expected status 503 to equal 200',
    'a crash': 'Oops! Something went wrong! :(\nESLint: 9.0.0\nTypeError: x is not a function',
    nothing: '',
  };
  for (const [what, lastLines] of Object.entries(own))
    it(`is not the environment for ${what}`, () => {
      assert.equal(said({ lastLines }), 'tool crash');
      assert.equal(said({ lastLines, isExplained: true }), 'code findings');
    });

  it('is tried again with longer and longer pauses, and not for ever', () => {
    const pauses = [0, 1, 2, 3].map((retry) => pauseBefore('registry', retry));
    assert.deepEqual(pauses, [60_000, 300_000, 1_500_000, null]);
    assert.equal(pauseBefore('no_branch', 0), null);
    assert.equal(pauseBefore('crash', 0), null);
  });
});
