/** A way in which a source gets out of being judged. `names` are held against the callee of a call, or a whole path of names. */
type Escape = {
  readonly rule: string;
  readonly why: string;
  readonly names: RegExp;
};

/** Names and texts that only a test has to do with. */
export const testWords =
  /\b(?:pytest|py\.test|unittest|nose2|jest|vitest|mocha|jasmine|rspec|minitest|phpunit|pest|junit|testng|spock|kotest|xunit|nunit|mstest|xctest|gtest|gmock|googletest|nextest|shunit2?)\b|\b(?:NODE_ENV|RAILS_ENV|RACK_ENV|APP_ENV|MIX_ENV|PYTEST_\w+|VITEST\w*|JEST_\w+|BATS_\w+|CYPRESS\w*|XCTest\w*|PHPUNIT_\w+|NODE_TEST_\w+|CTEST_\w+|GTEST_\w+|CARGO_\w+|testhost|TEST_(?:ENV|MODE|RUNNER|WORKER\w*)|CI)\b|(?:^|[\\/._\s'"-])(?:tests?|specs?|__tests__|testing)(?:[\\/.]|$)|(?:^|[/\\])(?:test_\w+|\w+_(?:test|spec))\b|\btest_$|^test_|_(?:test|spec)(?:\.\w+)?$|\btest\.(?:v|run|worker)\b|\bbats\b/i;

const asks = 'a source finds out who runs it: it must do the same whether it is tested or not';
const ends = 'a program ends, or is replaced, before anybody has judged it';
const hides = 'code is put together at run time, so that no tool can read it';
const swallows = 'a failure is caught and forgotten: treat it, or let it pass';
const widens = 'a type says less than before: say what it is instead of anything';
const replaces = 'what tests are judged by is replaced';

export const escapes: readonly Escape[] = [
  {
    rule: 'asks_about_tests',
    why: asks,
    names:
      /^(?:sys\.(?:modules|argv|_getframe|_current_frames|gettrace|settrace|setprofile|orig_argv)|inspect\.(?:stack|currentframe|getouterframes|trace)|traceback\.(?:extract_stack|format_stack|print_stack|walk_stack)|gc\.get_(?:objects|referrers)|process\.(?:argv|argv0|execArgv|mainModule|title)|require\.(?:cache|main)|module\.(?:parent|children)|Error\.(?:captureStackTrace|prepareStackTrace)|(?:new)?Error\(\)\.stack|Thread\.currentThread\(\)\.getStackTrace|(?:\w+\(\)\.)?getStackTrace|StackWalker(?:\..+)?|(?:runtime\.)Callers?|debug\.(?:Stack|PrintStack|ReadBuildInfo)|os\.(?:Args|Executable)|flag\.(?:Lookup|Parsed)|caller|caller_locations|Kernel\.caller\w*|ObjectSpace\.\w+|debug_backtrace|debug_print_backtrace|get_(?:declared_classes|included_files|required_files)|Environment\.(?:StackTrace|GetCommandLineArgs|CommandLine)|(?:System\.Diagnostics\.)?StackTrace|(?:.*\.)?Get(?:Assemblies|EntryAssembly|CallingAssembly|ExecutingAssembly)|Thread\.callStackSymbols|CommandLine\.arguments|NSClassFromString|(?:std\.)?env\.(?:args|args_os|current_exe)|(?:std\.)?backtrace\..+|Backtrace\.\w+|__builtin_return_address|backtrace|dladdr|ps|BASH_SOURCE|FUNCNAME|\$?(?:PROGRAM_NAME|LOADED_FEATURES)|__FILE__\.\w+)$/,
  },
  {
    rule: 'exit_forced',
    why: ends,
    names:
      /^(?:sys\.exit|os\.(?:_exit|abort|kill|killpg|exec\w+|spawn\w+|posix_spawn)|exit|quit|_exit|_Exit|quick_exit|std\.(?:exit|_Exit|quick_exit|abort|terminate)|process\.(?:exit|reallyExit|kill|abort|exitCode)|os\.Exit|syscall\.(?:Exit|Exec|Kill)|runtime\.Goexit|(?:std\.)?process\.(?:exit|abort)|System\.exit|(?:System\.)?Environment\.(?:Exit|FailFast|ExitCode)|Runtime\.getRuntime\(\)\.(?:halt|exit|addShutdownHook)|exitProcess|exit!|Kernel\.(?:exit!?|exec)|Process\.(?:exit!?|kill|exec)|die|posix_kill|pcntl_exec|atexit(?:\.register)?|at_exit|at_quick_exit|register_shutdown_function|Darwin\.exit|Glibc\.exit|execv\w*|execl\w*|signal\.(?:signal|alarm)|faulthandler\..+|SystemExit|KeyboardInterrupt|_thread\.interrupt_main|process\.(?:on|once|addListener|emit)|(?:.*\.)?ProcessExit|pthread_exit|pthread_kill)$/,
  },
  {
    rule: 'code_hidden',
    why: hides,
    names:
      /^(?:eval|exec|execfile|compile|__import__|importlib\.(?:import_module|reload|util\..+)|types\.(?:CodeType|FunctionType)|builtins\.(?:eval|exec)|getattr\(\)|Function|globalThis\.(?:eval|Function)|window\.(?:eval|Function)|vm\.\w+|Reflect\.(?:apply|construct|get|set|defineProperty)|(?:.*\.)?(?:instance_eval|class_eval|module_eval|instance_exec|class_exec|public_send|__send__|const_get|define_method|instance_variable_set|remove_method|undef_method|method_missing)|(?:Kernel|Object|Binding|binding)\.(?:eval|send|instance_eval)|create_function|call_user_func\w*|forward_static_call\w*|(?:new)?Reflection\w+|assert_options|Class\.forName|(?:.*\.)?(?:getMethod|getDeclaredMethod|getDeclaredField|setAccessible|invokeExact)|MethodHandles\..+|Proxy\.newProxyInstance|(?:System\.)?Activator\.CreateInstance|Type\.GetType|(?:.*\.)?(?:GetMethod|InvokeMember|DynamicInvoke)|Assembly\.Load\w*|dlopen|dlsym|NSSelectorFromString|(?:.*\.)?perform|unsafeBitCast|plugin\.Open|reflect\.\w+|marshal\.loads|ctypes\..+|source|\.)$/,
  },
  {
    rule: 'error_swallowed',
    why: swallows,
    names:
      /^(?:(?:contextlib\.)?suppress|(?:.*\.)?(?:unwrap_or_default|getOrDefault|getOrNull|catchError|onErrorReturn\w*|onErrorResume\w*|exceptionally)|recover|error_reporting|ini_set|set_error_handler|warnings\.(?:simplefilter|filterwarnings|catch_warnings)|logging\.disable)$/,
  },
  {
    rule: 'type_widened',
    why: widens,
    names:
      /^(?:cast|typing\.cast|t\.cast|T\.(?:unsafe|untyped|must)|const_cast|reinterpret_cast|(?:std\.)?mem\.transmute|transmute|std\.bit_cast|(?:.*\.)?unsafelyUnwrapped|Unsafe\.As|unsafeDowncast|withUnsafe\w+|(?:std\.)?any_cast|unsafe\.\w+|object\.__setattr__)$/,
  },
  {
    rule: 'assertion_replaced',
    why: replaces,
    names:
      /^(?:mock\.patch(?:\..+)?|patch(?:\.object)?|unittest\.mock\..+|monkeypatch\..+|setattr|jest\.\w+|vi\.\w+|expect\.(?:extend|addSnapshotSerializer)|chai\.(?:use|util\..+)|sinon\.\w+|builtins\.\w+|sys\.(?:modules|meta_path|path_hooks|excepthook|stdout|stderr)(?:\.\w+)?|Object\.defineProperty|Object\.setPrototypeOf|proxyquire|Mockito\.\w+|mockk\w*|allow_any_instance_of|uopz_\w+|runkit_\w+|class_alias|stream_wrapper_register)$/,
  },
];

/** What assertions and runners are called: nobody but their library defines them. */
export const assertionNames =
  /^(?:assert\w*|Assert\w*|expect|should|refute\w*|XCT\w+|EXPECT_\w+|ASSERT_\w+|CHECK(?:_\w+)?|REQUIRE(?:_\w+)?|TEST(?:_\w+)?|NDEBUG|test|it|describe|fail|pytest_\w+|load_tests|setUpModule|tearDownModule|panic|TestMain|RSpec|Minitest|PHPUnit|XCTest|unittest|ok|run|skip)$/;
/** Names that are read by everybody: who assigns to a part of them changes what others see. */
export const sharedWorld =
  /^(?:builtins|__builtins__|sys|unittest|pytest|assert|expect|chai|jest|vi|globalThis|global|window|process|console|Object|Array|String|Number|Function|Promise|JSON|Math|RegExp|Map|Set|Date|Symbol|Error|math|os|time|random|json|Kernel|BasicObject|testing)$/;
/** What may be assigned to all the same. */
export const ownWorld =
  /^(?:window\.(?:location|onload|onresize|onerror)|process\.(?:env|title)|os\.environ|console$|global\.(?:gc)|sys\.(?:path|tracebacklimit))/;

/** A type that says nothing, by grammar; in places where a type stands. */
export const anything: Readonly<Record<string, RegExp>> = {
  python: /^(?:Any|typing\.Any|object)$/,
  typescript: /^(?:any|Function|object|never)$/,
  tsx: /^(?:any|Function|object|never)$/,
  php: /^(?:mixed)$/,
  'c-sharp': /^(?:dynamic)$/,
  go: /^(?:any|interface ?\{ ?\}|unsafe\.Pointer)$/,
  kotlin: /^(?:dynamic)$/,
};

export const broadErrors =
  /^(?:builtins\.)?(?:Exception|BaseException|StandardError|Throwable|Error|RuntimeException|\\?Throwable|\\?Exception|\\?Error|\\?ErrorException|\\?RuntimeException|System\.Exception|AssertionError|java\.lang\.(?:Exception|Throwable)|kotlin\.(?:Exception|Throwable)|std::exception|\.\.\.)$/;
