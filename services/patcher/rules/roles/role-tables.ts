import { tools } from '../../../../parsers/tools/registry.ts';
import { farmFiles, lockFiles, sharedLists, sharedSettings } from '../policy/suppressions/guarded-names.ts';
import type { RoleTable } from './define.ts';

/** What any repository may hold, whatever its languages; it is asked first, and in this order. */
export const anywhere: RoleTable = {
  name: 'any repository',
  endings:
    'css scss less sass html htm xhtml vue svelte astro sql graphql proto tf hcl lua pl pm hs ex exs dart scala r jl nim zig clj cljs erl ml mli fs fsx vb pas f90 asm s groovy ps1',
  rows: [
    [
      'vendored',
      'code of others, kept in the repository',
      [
        '{node_modules,bower_components,jspm_packages,third_party,thirdparty,3rdparty,Pods,Carthage,site-packages,.venv,venv,vendor,.yarn}/**',
      ],
    ],
    ['lock', 'it says which versions are installed', lockFiles],
    [
      'configuration',
      'pipelines, hooks and owners: they decide what is run, and who is asked',
      [...farmFiles, '.pre-commit-*'],
    ],
    [
      'configuration',
      'the settings of a tool',
      [...tools.flatMap((tool) => tool.settings?.files ?? []), ...sharedSettings],
    ],
    [
      'configuration',
      'a list of what a tool passes over',
      [...tools.flatMap((tool) => tool.settings?.lists ?? []), ...sharedLists],
    ],
    [
      'loaded_by_name',
      'an agent, an editor, a shell or a program loads it by its name',
      [
        '{AGENTS,CLAUDE,GEMINI,COPILOT,SKILL,CONVENTIONS}*.md',
        'llms{,-full}.txt',
        '{pip,nuget,maven,bazel}{.conf,.config,rc}',
        '{mise,devbox,devfile,global,flake,shell,default}.{toml,json,nix,yaml,yml}',
        '*.code-workspace',
        '*.{pth,rc,lnk,desktop,service}',
        'gradle/wrapper/**',
        'gradlew{,.bat}',
        'mvnw{,.cmd}',
        '_vimrc',
        '_netrc',
        'binding.gyp',
        'init.gradle{,.kts}',
      ],
    ],
    [
      'manifest',
      'it names what is built or installed',
      [
        '{build.zig,build.zig.zon,deps.edn,jsr.json,mix.exs,project.clj,pubspec.yaml,rebar.config,shard.yml}',
        '*.{cabal,opam}',
        'dub.{json,sdl}',
      ],
    ],
    // Deny what is not understood: what begins with a dot is read by somebody, and seldom by a person.
    ['loaded_by_name', 'a hidden file is read by some program, which looks for it by its name', ['.*', '.*/**']],
    [
      'generated',
      'a program writes it',
      [
        '{dist,target,coverage,__generated__,__pycache__,DerivedData,cmake-build-*}/**',
        '*.{min.js,min.css,map,pyc,class,o,so,dll,exe,jar,wasm}',
        '*{.pb.go,_pb2.py,_pb2_grpc.py,.pb.cc,.pb.h,.designer.cs,.g.cs,.g.dart,.freezed.dart}',
        '*.generated.*',
        '*_generated.*',
        'zz_generated*',
      ],
    ],
    [
      'fixture',
      'what tests read or compare with',
      [
        '{__snapshots__,snapshots,__fixtures__,fixtures,fixture,testdata,test-data,test_data,golden,goldens,cassettes,__mocks__,mocks}/**',
        '*.{snap,golden,approved.*,verified.*,cassette}',
      ],
    ],
    [
      'build_script',
      'it is run to build, to check or to ship',
      [
        '{Make,GNUmake,Docker,Container,Task,Just,Vagrant,Brew,Proc,Earth,Tilt,Fast,Dangerfile,Guard,Cap}{file,file.*}',
        'Makefile.*',
        '*.{mk,mak,cmake,ninja,bazel,bzl,dockerfile}',
        'CMakeLists.txt',
        '{BUILD,WORKSPACE,SConstruct,SConscript,wscript,configure,configure.ac,autogen.sh,meson.build,meson_options.txt}',
        '{docker-,}compose*.{yml,yaml}',
        'Taskfile*',
        'justfile',
        '{scripts,script,tools,ci,build-tools,hack}/**.{sh,bash,zsh,ps1,bat,cmd}',
        '{build,test,tests,run-tests,run_tests,runtests,check,lint,ci,verify,setup,install,release,deploy,bootstrap}{.sh,.bash,.ps1,.bat,.cmd}',
      ],
    ],
  ],
};

/** One table a world of languages. */
export const roleTables: readonly RoleTable[] = [
  {
    name: 'python',
    endings: 'py pyi pyx pxd',
    rows: [
      [
        'hook',
        'Python or its runner loads it by its name, before any test',
        [
          'conftest.py',
          '{sitecustomize,usercustomize,load_tests}.py',
          'pytest_*.py',
          'noxfile.py',
          '{features,steps}/environment.py',
        ],
      ],
      [
        'manifest',
        'it names what is installed',
        [
          'pyproject.toml',
          'setup.cfg',
          'Pipfile',
          '*requirements*.{txt,in}',
          'requirements/**',
          'constraints*.txt',
          'environment*.{yml,yaml}',
          'pixi.toml',
        ],
      ],
      [
        'build_script',
        'it is run to build, to install or to check',
        ['{setup,tasks,fabfile,dodo,build,_build,manage_tests,runtests,run_tests}.py'],
      ],
      ['configuration', 'the settings of a tool', ['docs/conf.py', 'doc/conf.py', 'alembic.ini']],
      [
        'test',
        'pytest and unittest look for it, or tests import it',
        ['test_*.py', '*_test.py', 'test{,s}.py', '{tests,test,testing,e2e}/**.{py,pyi}'],
      ],
    ],
    modules: /\.(?:py[iwcd]?|so)$/,
    shadows:
      'abc argparse array ast asyncio atexit base64 bdb binascii bisect builtins bz2 calendar cmath cmd code codecs codeop collections colorsys compileall concurrent configparser contextlib contextvars copy copyreg csv ctypes curses dataclasses datetime dbm decimal difflib dis doctest email encodings ensurepip enum errno faulthandler fcntl filecmp fileinput fnmatch fractions ftplib functools gc getopt getpass gettext glob graphlib grp gzip hashlib heapq hmac html http imaplib importlib inspect io ipaddress itertools json keyword linecache locale logging lzma mailbox marshal math mimetypes mmap modulefinder multiprocessing netrc numbers opcode operator optparse os pathlib pdb pickle pickletools pkgutil platform plistlib poplib posix posixpath pprint profile pstats pty pwd py_compile pyclbr pydoc queue quopri random re readline reprlib resource rlcompleter runpy sched secrets select selectors shelve shlex shutil signal site smtplib socket socketserver sqlite3 ssl stat statistics string stringprep struct subprocess symtable sys sysconfig syslog tarfile tempfile termios textwrap threading time timeit tkinter token tokenize tomllib trace traceback tracemalloc tty types typing unicodedata unittest urllib uuid venv warnings wave weakref webbrowser wsgiref xml xmlrpc zipapp zipfile zipimport zlib zoneinfo ' +
      '_pytest pytest py pluggy iniconfig packaging mock nose nose2 hypothesis behave tox nox coverage flake8 pycodestyle pyflakes pylint astroid mypy pyright ruff black isort bandit pip pip_audit setuptools pkg_resources wheel attr attrs typing_extensions exceptiongroup xdist pytest_cov',
  },
  {
    name: 'javascript',
    endings: 'js mjs cjs jsx ts mts cts tsx',
    rows: [
      [
        'hook',
        'the runner loads it before any test',
        [
          '{jest,vitest,mocha,karma,cypress,playwright,ava,jasmine,wdio,protractor,nightwatch}{.,-}{setup,config,conf,workspace,preset,globals,environment,teardown,init}*',
          '{setupTests,setup-tests,setupFiles,setup-files,globalSetup,globalTeardown,global-setup,global-teardown,test-setup,testSetup,test.setup}*',
          '{test,tests,spec,__tests__}/{setup,setup*,teardown*,bootstrap*,helper,helpers,init,hooks,environment}.{js,cjs,mjs,ts,cts,mts,tsx,jsx}',
          'cypress/{support,plugins}/**',
          'spec/support/**.{js,json,mjs,ts}',
          'test{-,.}main.{js,ts}',
          'mocha.opts',
          'karma-*',
          'polyfills.test*',
        ],
      ],
      [
        'manifest',
        'it names what is installed and what is run',
        [
          'package.json',
          'pnpm-workspace.yaml',
          'lerna.json',
          'rush.json',
          'bower.json',
          'deno.json{,c}',
          'import_map.json',
        ],
      ],
      [
        'configuration',
        'the settings of a tool',
        [
          '{ts,js}config*.json',
          '*.config.{js,cjs,mjs,ts,cts,mts}',
          '{turbo,nx,project,angular,workspace}.json',
          '*rc.{js,cjs,mjs,ts,json}',
        ],
      ],
      [
        'build_script',
        'it is run to build or to check',
        [
          '{gulp,grunt,jake,cake}file.*',
          '{scripts,script,build,tools,bin,ci,hack}/**{test,check,lint,build,ci,verify,run,release}*.{js,cjs,mjs,ts}',
        ],
      ],
      [
        'test',
        'a runner looks for it, or tests load it',
        [
          '*{.,_,-}{test,spec,e2e,cy,bench}.{js,mjs,cjs,jsx,ts,mts,cts,tsx}',
          '{__tests__,test,tests,spec,specs,e2e,cypress,playwright}/**.{js,mjs,cjs,jsx,ts,mts,cts,tsx}',
          'test{,s}.{js,mjs,cjs,ts,mts,cts}',
        ],
      ],
    ],
    modules: /\.(?:js|cjs|mjs)$/,
    shadows:
      'jest vitest mocha chai jasmine ava tap tape uvu eslint tsc typescript prettier node npm npx karma cypress playwright',
  },
  {
    name: 'go',
    endings: 'go',
    rows: [
      ['manifest', 'it names what is built', ['go.{mod,work}']],
      ['build_script', 'it is run to build or to check', ['magefile.go', 'magefiles/**', 'tools.go']],
      [
        'test',
        'go test builds it',
        ['*_test.go', '{e2e,testutil,testutils,testhelper,testhelpers,internal/test*}/**.go'],
      ],
    ],
  },
  {
    name: 'rust',
    endings: 'rs',
    rows: [
      ['hook', 'Cargo runs it before anything is built', ['build.rs']],
      ['manifest', 'it names what is built', ['Cargo.toml']],
      ['configuration', 'the settings of a tool', ['rust{fmt,-toolchain,-project}*', 'Cross.toml', 'Trunk.toml']],
      ['build_script', 'it is run to build or to check', ['xtask/**.rs']],
      ['test', 'cargo test builds it', ['{tests,benches,fuzz}/**.rs', '{tests,test}.rs', '*_test{,s}.rs', 'test_*.rs']],
    ],
  },
  {
    name: 'jvm',
    endings: 'java kt kts groovy scala',
    rows: [
      [
        'hook',
        'the runner loads it by its name',
        [
          '{junit-platform,spock,allure,kotest,archunit,mockito}.properties',
          'testng*.xml',
          'META-INF/services/**',
          'mockito-extensions/**',
          '{SpockConfig,GlobalSpec}.groovy',
          '{ProjectConfig,KotestProjectConfig,AbstractProjectConfig}.kt',
          'src/{test,it,integrationTest,testFixtures,androidTest}/resources/**.{properties,xml,conf}',
        ],
      ],
      [
        'manifest',
        'it names what is built and with which checks',
        [
          'pom.xml',
          '*.gradle',
          '*.gradle.kts',
          'libs.versions.toml',
          'ivy.xml',
          'build.{sbt,sc,xml}',
          'project/**.{sbt,properties,scala}',
        ],
      ],
      ['build_script', 'it is run to build', ['{buildSrc,build-logic}/**']],
      [
        'test',
        'the runner looks for it, or tests use it',
        [
          'src/{test,it,integrationTest,testFixtures,androidTest,commonTest,jvmTest,jsTest,nativeTest,functionalTest,jmh}/**.{java,kt,kts,groovy,scala}',
          '*{Test,Tests,TestCase,IT,ITCase,Spec}.{java,kt,groovy,scala}',
          '{test,tests}/**.{java,kt,groovy,scala}',
        ],
      ],
      [
        'fixture',
        'what tests read or compare with',
        ['src/{test,it,integrationTest,testFixtures,androidTest,commonTest}/**'],
      ],
      [
        'loaded_by_name',
        'a class of a test library: it is loaded in its place',
        [
          '{org/junit,org/hamcrest,org/mockito,org/testng,org/assertj,org/opentest4j,junit/framework,kotlin/test,io/kotest,io/mockk}/**',
        ],
      ],
    ],
  },
  {
    name: 'ruby',
    endings: 'rb rake gemspec ru',
    rows: [
      [
        'hook',
        'the runner loads it before any test',
        [
          '{spec,rails,test,acceptance,system,minitest,cucumber}_helper.rb',
          '{spec,test}/support/**',
          'features/support/**',
          '{spec,test}/{factories,shared_examples,shared_contexts}/**',
          'minitest_plugin.rb',
          '*_plugin.rb',
          'test/test_helper/**',
          '{.rspec,.rspec-local}',
        ],
      ],
      ['manifest', 'it names what is installed', ['Gemfile', 'gems.rb', '*.gemspec', 'Podfile']],
      ['build_script', 'it is run to build or to check', ['Rakefile', '*.rake', 'config.ru']],
      [
        'test',
        'a runner looks for it, or tests load it',
        ['*_{spec,test}.rb', 'test_*.rb', '{spec,specs,test,tests,features}/**.rb'],
      ],
      ['fixture', 'what tests read or compare with', ['features/**.feature']],
    ],
    modules: /\.rb$/,
    shadows:
      'rspec minitest test-unit test rake bundler rubygems rubocop json yaml set time date logger optparse fileutils tempfile timeout stringio ostruct securerandom digest open3 benchmark bigdecimal forwardable singleton simplecov mocha webmock',
  },
  {
    name: 'php',
    endings: 'php phtml inc',
    rows: [
      [
        'hook',
        'the runner loads it before any test',
        [
          '{tests,test}/{bootstrap,Bootstrap,autoload,TestCase,CreatesApplication,Pest}.php',
          'Pest.php',
          '{phpunit,pest}*bootstrap*.php',
          'tests/_support/**',
          'tests/_bootstrap.php',
        ],
      ],
      ['manifest', 'it names what is installed and what is run', ['composer.json']],
      [
        'configuration',
        'the settings of a tool',
        [
          '{rector,ecs,infection,codeception,behat,psalm,deptrac,castor,robo,scoper.inc}*.{php,yml,yaml,json,xml,json5,neon}',
        ],
      ],
      [
        'test',
        'the runner looks for it, or tests use it',
        ['*Test.php', '*{Cest,Cept}.php', '*.phpt', '{tests,test}/**.{php,inc}'],
      ],
      [
        'loaded_by_name',
        'a class of a test library: it is loaded in its place',
        ['{PHPUnit,Mockery,Pest,SebastianBergmann,Prophecy}/**'],
      ],
    ],
  },
  {
    name: 'c-cpp',
    endings: 'c h cc cpp cxx c++ hh hpp hxx h++ ipp inl cu m mm',
    rows: [
      ['manifest', 'it names what is built', ['conanfile.{txt,py}', 'vcpkg*.json', '*.{pro,vcxproj,sln}']],
      [
        'loaded_by_name',
        'a header of a test or a standard library: it is found in its place',
        [
          '{assert,stdio,stdlib,string,stdbool,stdint,stddef,math,errno,limits,ctype,signal,setjmp,unistd,cassert,cstdio,cstdlib,iostream,vector}{.h,}',
          '{gtest,gmock,catch2,doctest,criterion,cmocka,check,unity,cpputest,boost}/**',
          '{gtest,gmock,catch,catch_amalgamated,doctest,criterion,cmocka,check,unity,unity_internals,minunit,greatest,munit,acutest,utest}.{h,hpp,c,cpp}',
        ],
      ],
      [
        'test',
        'a runner builds it',
        [
          '*{_test,_tests,-test,Test,Tests,_unittest}.{c,cc,cpp,cxx,h,hpp,m,mm}',
          'test{,s}{_,-}*.{c,cc,cpp,cxx,h,hpp}',
          'test{,s}.{c,cc,cpp,cxx}',
          '{tests,test,unittest,unittests,gtests}/**.{c,cc,cpp,cxx,h,hh,hpp,hxx,inl,m,mm}',
        ],
      ],
    ],
  },
  {
    name: 'dotnet',
    endings: 'cs fs vb cshtml razor',
    rows: [
      [
        'hook',
        'the build or the runner loads it by its name',
        [
          'Directory.{Build,Packages,Solution}.*',
          '*.runsettings',
          '{xunit.runner,testconfig,testsettings}*.json',
          '{GlobalSetup,AssemblySetup,AssemblyInitialize,TestAssembly,ModuleInitializer,AssemblyInfo,SetUpFixture}.cs',
          '*.testsettings',
        ],
      ],
      [
        'manifest',
        'it names what is built and with which checks',
        [
          '*.{csproj,fsproj,vbproj,sln,slnx,props,targets,shproj,nuspec}',
          'packages.config',
          'paket.{dependencies,references}',
        ],
      ],
      ['build_script', 'it is run to build', ['{build,Build}.{cake,cs,fsx}', '_build/**']],
      [
        'test',
        'the runner looks for it, or tests use it',
        [
          '*{Test,Tests,Spec,Specs,TestBase,Fixture}.cs',
          '*{.Test,.Tests,.UnitTests,.IntegrationTests,.Specs,Tests,UnitTests,_Tests}/**.{cs,fs,vb}',
          '{test,tests}/**.{cs,fs,vb}',
        ],
      ],
    ],
  },
  {
    name: 'swift',
    endings: 'swift',
    rows: [
      [
        'loaded_by_name',
        'a module of a test library: it is built in its place',
        ['Sources/{XCTest,Testing,Nimble,Quick}/**'],
      ],
      [
        'manifest',
        'it names what is built',
        [
          'Package{,@*}.swift',
          'Cartfile{,.private}',
          '*.{xcodeproj,xcworkspace}/**',
          '*.{xctestplan,xcconfig,podspec}',
        ],
      ],
      ['hook', 'the runner loads it by its name', ['{XCTestManifests,LinuxMain,TestObserver,TestBundle}.swift']],
      [
        'test',
        'the runner builds it',
        ['{Tests,UITests,test}/**.swift', '*{Tests,UITests}/**.swift', '*{Test,Tests,Spec}.swift'],
      ],
    ],
  },
  {
    name: 'shell',
    endings: 'sh bash zsh ksh fish bats',
    rows: [
      [
        'hook',
        'the runner loads it before any test',
        [
          '{setup_suite,test_helper,common-setup,common_setup,spec_helper,bats_helper}.{bash,bats}',
          '{test,tests,spec}/{helper,helpers,common,setup,lib}.{bash,sh,bats}',
          'test_helper/**',
          '.shellspec*',
          'spec_helper.sh',
          '{shunit2,bats,bats-core,bats-assert,bats-support,assert.sh}{,/**}',
        ],
      ],
      [
        'test',
        'a runner runs it',
        [
          '*.bats',
          '*{_test,-test,_spec,.test,.spec}.{sh,bash}',
          'test{_,-}*.{sh,bash}',
          '{test,tests,spec}/**.{sh,bash,bats}',
        ],
      ],
    ],
  },
];
